import type { FunctionResponse, InvocationBatch } from '@statefun/protocol'
import { FrameKind } from '../../../packages/engine/src/checkpoint/frame.ts'
import type { CheckpointStorage } from '../../../packages/engine/src/checkpoint/storage.ts'
import type { Core } from '../../../packages/engine/src/core/core.ts'
import type { SourceWatch } from '../broker/sim-source.ts'
import type { CallWatch } from '../functions/sim-transport.ts'
import type { SimProcess } from '../process.ts'
import type { Trace } from '../trace.ts'
import { demand } from '../violation.ts'
import type { Cut, History } from './history.ts'
import type { Model } from './model.ts'
import type { InputRecord } from './prediction.ts'

export interface WatchOptions {
  readonly history: History
  readonly process: SimProcess
  readonly trace: Trace
  /** Whether others can go on while an engine still restores. */
  readonly mayBeLate: boolean
  /** Something does not hold. */
  readonly violated: (error: unknown) => void
  /** The engine goes on from this cut. */
  readonly restored: (cut: Cut) => void
}

/**
 * Follows one incarnation of a job beside a model. It listens at the core's methods and at the storage, and drops what a process
 * does after its death.
 */
export class Watch implements CallWatch, SourceWatch {
  model: Model
  readonly #options: WatchOptions
  #cut: Cut
  /** Cut and not yet handed to the storage. */
  #sealed: Cut | undefined

  constructor(options: WatchOptions) {
    this.#options = options
    this.#cut = options.history.durable
    this.model = options.history.copy(this.#cut.model)
  }

  invoked(batch: InvocationBatch): void {
    this.#check(() => {
      this.#note('call', `${batch.target.type}/${batch.target.id}`, batch.invocations.length)
      this.model.invoked(batch, this.#options.process.clock.now())
    })
  }

  answeredAtOnce(batch: InvocationBatch, response: FunctionResponse): void {
    this.#check(() => this.model.answered(batch.target, response, this.#options.process.clock.now()))
  }

  resumed(partition: string, position: number): void {
    this.#check(() => {
      const expected = this.model.taken.get(partition) ?? 0
      demand(
        position === expected,
        () => `partition ${partition} resumes at ${position}, taken were ${expected}`,
      )
    })
  }

  took(partition: string, record: InputRecord): void {
    this.#check(() => this.model.took(partition, record))
  }

  /** Listens at a core that has not begun. */
  core(core: Core): void {
    const answered = core.answered.bind(core)
    core.answered = (instance, response, now) => {
      const refusal = this.model.refusal(instance.address, response)
      // First, because an answer that asks for states makes the core call again at once.
      this.#check(() => {
        this.#note('answer', instance.type.name, instance.id, now)
        if (refusal === undefined) this.model.answered(instance.address, response, now)
      })
      answered(instance, response, now)
      this.#check(() =>
        demand(refusal === undefined, () => `an answer was taken that ${refusal} must refuse`),
      )
    }
    const failed = core.failed.bind(core)
    core.failed = (instance, error, now) => {
      failed(instance, error, now)
      this.#check(() => {
        this.#note('call failed', instance.type.name, instance.id, instance.parked)
        this.model.failed(instance.address, instance.parked)
      })
    }
    const fire = core.fire.bind(core)
    core.fire = (now, limit) => {
      const fired = fire(now, limit)
      this.#check(() => {
        if (fired > 0) this.#note('fire', fired, now)
        this.model.fired(fired, limit, now)
      })
      return fired
    }
    const redrive = core.redrive.bind(core)
    core.redrive = (instance) => {
      const redriven = redrive(instance)
      this.#check(() => this.model.parked.delete(`${instance.type.name}/${instance.id}`))
      return redriven
    }
    const seal = core.seal.bind(core)
    core.seal = (time) => {
      const sealed = seal(time)
      this.#check(() => {
        this.#note('cut', sealed.epoch)
        this.#cut = { epoch: sealed.epoch, model: this.#options.history.copy(this.model), before: this.#cut }
        this.#sealed = this.#cut
      })
      return sealed
    }
  }

  /** Listens at a storage that is not open. */
  storage(storage: CheckpointStorage): void {
    const { history, restored, mayBeLate } = this.#options
    const append = storage.append.bind(storage)
    storage.append = async (epoch, payload) => {
      const cut = this.#sealed
      this.#check(() => {
        demand(cut?.epoch === epoch, () => `epoch ${epoch} is appended, epoch ${cut?.epoch} was cut`)
        history.written(cut, payload)
      })
      await append(epoch, payload)
      this.#check(() => {
        this.#note('durable', epoch)
        history.madeDurable(cut!)
      })
    }
    const recover = storage.recover.bind(storage)
    const watch = this
    storage.recover = async function* () {
      let last: Uint8Array | undefined
      let epochs = 0
      for await (const frame of recover()) {
        if (frame.kind === FrameKind.epoch) {
          last = Buffer.from(frame.payload)
          epochs++
        }
        yield frame
      }
      watch.#check(() => {
        watch.#cut = history.found(last, mayBeLate)
        // Whoever goes on from it may publish what it holds.
        history.madeDurable(watch.#cut)
        watch.#note('restore', watch.#cut.epoch, epochs)
        watch.model = history.copy(watch.#cut.model)
        restored(watch.#cut)
      })
    }
  }

  #note(what: string, ...values: readonly (string | number | boolean)[]): void {
    this.#options.trace.note(this.#options.process.name, what, ...values)
  }

  /** Nothing that a dead process still does counts. */
  #check(check: () => void): void {
    if (!this.#options.process.alive) return
    try {
      check()
    } catch (error) {
      this.#options.violated(error)
      throw error
    }
  }
}
