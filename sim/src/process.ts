import type { Clock } from '../../packages/engine/src/clock.ts'
import type { Machine } from './machine.ts'
import type { Random } from './random.ts'
import type { Scheduled, Scheduler } from './scheduler.ts'
import type { Trace } from './trace.ts'

/** What all parts of a simulation share. */
export interface Surroundings {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly trace: Trace
}

/** A request to a device or a server. */
export interface Request<T> {
  readonly what: string
  /** Milliseconds until it takes effect there, and from then on until the process knows. */
  readonly before: number
  readonly after: number
  /** What a kill does to it while it is on its way: `local` ones end with the process, `remote` ones may arrive later. */
  readonly reach: 'local' | 'remote'
  /** Takes effect; what it throws is the answer, too. */
  apply(): T
  /** Takes effect in part; for one that a kill interrupts. */
  applyPartly?(): void
}

interface UnderWay {
  readonly request: Request<unknown>
  readonly scheduled: Scheduled
}

/**
 * A process with an engine in it. Everything that it waits for passes through here, so that it can be killed at any step: from
 * then on nothing completes for it, and nobody hears of it again.
 */
export class SimProcess {
  readonly name: string
  readonly machine: Machine
  readonly clock: Clock
  alive = true
  /** Called once when it dies by itself, in the middle of what it does. */
  onDeath: () => void = () => undefined
  readonly #around: Surroundings
  readonly #underWay = new Set<UnderWay>()
  /** Requests left until it dies. */
  #requestsLeft = Number.POSITIVE_INFINITY
  #frozen: (() => void)[] | undefined

  constructor(around: Surroundings, machine: Machine, name: string) {
    this.#around = around
    this.machine = machine
    this.name = name
    this.clock = machine.clockFor(this)
  }

  /** Dies when it has made so many more requests: the last one may still take effect. */
  dieAfter(requests: number): void {
    this.#requestsLeft = requests
  }

  /** Runs `run` in this process, unless it is gone by then. */
  later(delay: number, run: () => void): Scheduled {
    return this.#around.scheduler.after(delay, () => this.#enter(run))
  }

  /** Asks a device or a server; never settles when the process is gone before the answer. */
  ask<T>(request: Request<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.alive) return
      const entry: UnderWay = {
        request,
        scheduled: this.#around.scheduler.after(request.before, () => {
          this.#underWay.delete(entry)
          let settle: () => void
          try {
            const answer = request.apply()
            settle = () => resolve(answer)
          } catch (error) {
            settle = () => reject(error)
          }
          this.later(request.after, settle)
        }),
      }
      this.#underWay.add(entry)
      if (--this.#requestsLeft <= 0) {
        this.#around.trace.note(this.name, 'dies at', request.what)
        this.kill()
        this.onDeath()
      }
    })
  }

  /** Ends it as `kill -9` does. */
  kill(): void {
    if (!this.alive) return
    this.alive = false
    this.#frozen = undefined
    const { random } = this.#around
    for (const { request, scheduled } of this.#underWay) {
      const fate = random.float()
      if (request.reach === 'remote') {
        if (fate < 0.5) scheduled.cancel()
        continue
      }
      scheduled.cancel()
      try {
        if (fate < 0.3) request.apply()
        else if (fate < 0.6) request.applyPartly?.()
      } catch {
        // It would have been refused; nobody is there to hear it.
      }
    }
    this.#underWay.clear()
  }

  /** Stands still, as one does whose machine is suspended: what is under way goes on, nothing reaches it. */
  freeze(): void {
    this.#frozen ??= []
  }

  thaw(): void {
    const missed = this.#frozen ?? []
    this.#frozen = undefined
    for (const run of missed) this.later(this.#around.random.float(), run)
  }

  #enter(run: () => void): void {
    if (!this.alive) return
    if (this.#frozen === undefined) run()
    else this.#frozen.push(run)
  }
}
