import { crc32 } from 'node:zlib'
import { demand } from '../violation.ts'
import { Model, type ModelSetup } from './model.ts'

/** What the engine was at a cut. */
export interface Cut {
  readonly epoch: number
  readonly model: Model
  /** What it follows; undefined where nothing before matters any more. */
  before: Cut | undefined
}

/**
 * All cuts that may still be found in the checkpoint. They form a tree: an engine that dies before its epochs are durable leaves
 * a branch that nobody may go on from once another one is known to be durable.
 */
export class History {
  readonly #setup: ModelSetup
  readonly #byPayload = new Map<string, Cut>()
  /** The newest one that an engine was told to be durable, or goes on from. */
  durable: Cut

  constructor(setup: ModelSetup) {
    this.#setup = setup
    this.durable = { epoch: 0, model: new Model(setup), before: undefined }
  }

  /** A model that goes on from here. */
  copy(model: Model): Model {
    return new Model(this.#setup, model)
  }

  /** An epoch was cut with this content. */
  written(cut: Cut, payload: Uint8Array): void {
    this.#byPayload.set(nameOf(payload), cut)
  }

  /** An engine was told that a cut is durable. */
  madeDurable(cut: Cut): void {
    demand(
      this.#follows(cut),
      () => `epoch ${cut.epoch} became durable beside another one: epoch ${this.durable.epoch} is lost`,
    )
    this.durable = cut
    cut.before = undefined
    for (const [name, { epoch }] of this.#byPayload) if (epoch < cut.epoch) this.#byPayload.delete(name)
  }

  /** The cut that an engine found; `payload` is that of its last epoch, undefined when there was none. */
  found(payload: Uint8Array | undefined): Cut {
    const { durable } = this
    if (payload === undefined) {
      demand(durable.epoch === 0, () => `nothing was restored, epoch ${durable.epoch} was durable`)
      return durable
    }
    const cut = this.#byPayload.get(nameOf(payload))
    demand(cut !== undefined, () => 'what was restored was never cut, or is too old')
    demand(
      cut === durable || this.#follows(cut),
      () => `epoch ${cut.epoch} was restored without epoch ${durable.epoch}, which was durable`,
    )
    return cut
  }

  #follows(cut: Cut): boolean {
    for (let at: Cut | undefined = cut; at !== undefined; at = at.before) if (at === this.durable) return true
    return false
  }
}

function nameOf(payload: Uint8Array): string {
  return `${payload.length} ${crc32(payload)}`
}
