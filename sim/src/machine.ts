import type { Clock } from '../../packages/engine/src/clock.ts'
import type { SimDisk } from './disk/sim-disk.ts'
import type { SimProcess, Surroundings } from './process.ts'

/** setTimeout fires at once for longer delays than this. */
const LONGEST_TIMEOUT_MS = 0x7fffffff

/** A computer: one disk, and a wall clock that somebody may set at any time. */
export class Machine {
  readonly disk: SimDisk
  /** Epoch milliseconds at the beginning of the simulation, as this machine sees it. */
  #offset: number
  #latest = 0
  readonly #around: Surroundings

  constructor(around: Surroundings, disk: SimDisk, epochMs: number) {
    this.#around = around
    this.disk = disk
    this.#offset = epochMs
  }

  /** Epoch milliseconds. */
  get wallClock(): number {
    return Math.floor(this.#around.scheduler.now + this.#offset)
  }

  /** The latest time that the wall clock has shown, in epoch milliseconds. */
  get latest(): number {
    return Math.max(this.#latest, this.wallClock)
  }

  /** Sets the wall clock forwards or, with a negative number, back. */
  setClock(byMs: number): void {
    this.#latest = this.latest
    this.#offset += byMs
  }

  /** The clock that a process sees. Within one step the wall clock stands still. */
  clockFor(process: SimProcess): Clock {
    const { scheduler, random } = this.#around
    let monotonic = 0
    return {
      now: () => this.wallClock,
      monotonic: () => {
        // Work takes time: now and then a turn has been long enough.
        monotonic = Math.max(monotonic, scheduler.now) + (random.chance(0.02) ? 5 : 0)
        return monotonic
      },
      after(milliseconds, callback) {
        const delay = Math.min(Math.max(milliseconds, 0), LONGEST_TIMEOUT_MS)
        const scheduled = process.later(delay + random.float(), callback)
        return () => scheduled.cancel()
      },
      soon: (callback) => void process.later(random.float() * 0.05, callback),
    }
  }
}
