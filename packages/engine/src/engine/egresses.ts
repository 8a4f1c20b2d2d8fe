import { nearestName, StatefunError } from '@statefun/protocol'
import type { Sink } from '../connector/sink.ts'
import type { Instance } from '../core/instance.ts'

/** The sinks of a job by egress id, found without putting an id together for every record. */
export class Egresses {
  readonly #sinks = new Map<string, Map<string, Sink>>()
  readonly #ids: readonly string[]

  constructor(sinks: readonly Sink[]) {
    this.#ids = sinks.map((sink) => sink.id)
    for (const sink of sinks) {
      const slash = sink.id.indexOf('/')
      const namespace = sink.id.slice(0, slash)
      let names = this.#sinks.get(namespace)
      if (names === undefined) {
        names = new Map()
        this.#sinks.set(namespace, names)
      }
      names.set(sink.id.slice(slash + 1), sink)
    }
  }

  /** @throws StatefunError `SF_EGRESS_UNKNOWN` (contract 1.4) */
  get(namespace: string, name: string, sender: Instance): Sink {
    const sink = this.#sinks.get(namespace)?.get(name)
    if (sink !== undefined) return sink
    const nearest = nearestName(`${namespace}/${name}`, this.#ids)
    throw new StatefunError('SF_EGRESS_UNKNOWN', `there is no egress ${namespace}/${name}`, {
      where: `${sender.type.typename} id [${sender.id}]`,
      hint: `declare it in module.yaml${nearest === undefined ? '' : `; the nearest one is ${nearest}`}`,
    })
  }
}
