import { crc32 } from 'node:zlib'
import { demand } from '../violation.ts'
import { Model, type ModelSetup } from './model.ts'

/** What the engine was at a cut. */
export interface Cut {
  readonly epoch: number
  readonly model: Model
  /** What it follows; undefined for the empty beginning. */
  readonly before: Cut | undefined
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
  readonly #beginning: Cut

  constructor(setup: ModelSetup) {
    this.#setup = setup
    this.durable = this.#beginning = { epoch: 0, model: new Model(setup), before: undefined }
  }

  /** A model that goes on from here. */
  copy(model: Model): Model {
    return new Model(this.#setup, model)
  }

  /** An epoch was cut with this content. */
  written(cut: Cut, payload: Uint8Array): void {
    this.#byPayload.set(nameOf(payload), cut)
  }

  /** A cut is durable: an engine was told so, or goes on from it. It may have been so for long. */
  madeDurable(cut: Cut): void {
    if (follows(this.durable, cut)) return
    demand(
      follows(cut, this.durable),
      () => `epoch ${cut.epoch} became durable beside another one: epoch ${this.durable.epoch} is lost`,
    )
    this.durable = cut
  }

  /**
   * The cut that an engine found; `payload` is that of its last epoch, undefined when there was none. Where several engines can
   * be at it at once, one may be so late that others have gone on: it must not get any further.
   */
  found(payload: Uint8Array | undefined, mayBeLate: boolean): Cut {
    const cut = payload === undefined ? this.#beginning : this.#byPayload.get(nameOf(payload))
    demand(cut !== undefined, () => 'what was restored was never cut')
    demand(
      follows(cut, this.durable) || (mayBeLate && follows(this.durable, cut)),
      () => `epoch ${cut.epoch} was restored without epoch ${this.durable.epoch}, which was durable`,
    )
    return cut
  }
}

/** Whether `cut` is `earlier` or came of it. */
function follows(cut: Cut, earlier: Cut): boolean {
  let at: Cut | undefined = cut
  while (at !== undefined && at.epoch > earlier.epoch) at = at.before
  return at === earlier
}

function nameOf(payload: Uint8Array): string {
  return `${payload.length} ${crc32(payload)}`
}
