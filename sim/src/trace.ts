import type { Scheduler } from './scheduler.ts'

type Value = string | number | boolean | undefined

/** Lines kept unless all are wanted: enough to see what led to a violation. */
const KEPT = 4000

/** What happened, in order, with the virtual time. Lines are put together only when they are read. */
export class Trace {
  readonly #scheduler: Scheduler
  readonly #all: boolean
  #entries: (readonly [time: number, who: string, what: string, values: readonly Value[]])[] = []

  /** @param all whether every line is kept, not only the last ones */
  constructor(scheduler: Scheduler, all: boolean) {
    this.#scheduler = scheduler
    this.#all = all
  }

  note(who: string, what: string, ...values: readonly Value[]): void {
    this.#entries.push([this.#scheduler.now, who, what, values])
    if (!this.#all && this.#entries.length >= 2 * KEPT) this.#entries = this.#entries.slice(-KEPT)
  }

  /** The lines that are kept, at most the last `limit`. */
  lines(limit = Number.POSITIVE_INFINITY): string[] {
    return this.#entries
      .slice(-limit)
      .map(
        ([time, who, what, values]) =>
          `${time.toFixed(3).padStart(11)}  ${who.padEnd(10)} ${what}${values.map((value) => ` ${value}`).join('')}`,
      )
  }
}
