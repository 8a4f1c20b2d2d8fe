import { type Address, nearestName, StatefunError, type TypedValue } from '@statefun/protocol'
import type { Instance } from '../core/instance.ts'

/** Where the records of an egress go. */
export interface Egress {
  /** The egress id of module.yaml. */
  readonly id: string
  /** @throws StatefunError when the value is not one this egress accepts (contract 2.3) */
  write(value: TypedValue, sender: Address): void
  /** True while so much is unacknowledged that the engine should take no more input. */
  readonly saturated: boolean
}

/** The egresses of a job by egress id, found without putting an id together for every record. */
export class Egresses {
  readonly #egresses = new Map<string, Map<string, Egress>>()
  readonly #ids: readonly string[]

  constructor(egresses: readonly Egress[]) {
    this.#ids = egresses.map(({ id }) => id)
    for (const egress of egresses) {
      const slash = egress.id.indexOf('/')
      const namespace = egress.id.slice(0, slash)
      let names = this.#egresses.get(namespace)
      if (names === undefined) {
        names = new Map()
        this.#egresses.set(namespace, names)
      }
      names.set(egress.id.slice(slash + 1), egress)
    }
  }

  /** @throws StatefunError `SF_EGRESS_UNKNOWN` (contract 1.4) */
  get(namespace: string, name: string, sender: Instance): Egress {
    const egress = this.#egresses.get(namespace)?.get(name)
    if (egress !== undefined) return egress
    const nearest = nearestName(`${namespace}/${name}`, this.#ids)
    throw new StatefunError('SF_EGRESS_UNKNOWN', `there is no egress ${namespace}/${name}`, {
      where: `${sender.type.typename} id [${sender.id}]`,
      hint: `declare it in module.yaml${nearest === undefined ? '' : `; the nearest one is ${nearest}`}`,
    })
  }
}
