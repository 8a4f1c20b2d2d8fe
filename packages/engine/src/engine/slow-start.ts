import type { Clock } from '../clock.ts'

/** Calls under way when a job begins. */
const FIRST_CALLS = 16
/** Without an answer for so long, functions are just slow: from then on only the configured limit holds. */
const PATIENCE_MS = 250
/** Messages in mailboxes for each call that may be under way. */
const MESSAGES_PER_CALL = 16

/**
 * Limits what a job has under way when it begins. A thousand calls at once would open a thousand connections to a server that
 * is as cold as the job itself, and make the turns of the event loop so long that the first epoch waits for each of its steps.
 * Each answer lets one more call go, so the limit doubles with every round trip.
 */
export class SlowStart {
  readonly #most: number
  readonly #clock: Clock
  readonly #grown: () => void
  #calls: number
  #answers = 0
  #cancel: (() => void) | undefined

  /**
   * @param most calls under way at once, in the end; <= 0 is unlimited
   * @param grown told when more calls may be under way
   */
  constructor(most: number, clock: Clock, grown: () => void) {
    this.#most = most > 0 ? most : Number.POSITIVE_INFINITY
    this.#calls = Math.min(FIRST_CALLS, this.#most)
    this.#clock = clock
    this.#grown = grown
  }

  /** Calls that may be under way. */
  get calls(): number {
    return this.#calls
  }

  /** Messages that may wait in mailboxes; unlimited while no call takes time, and in the end. */
  get messages(): number {
    const growing = this.#cancel !== undefined && this.#calls < this.#most
    return growing ? this.#calls * MESSAGES_PER_CALL : Number.POSITIVE_INFINITY
  }

  /** A call that is not answered at once is under way. */
  called(): void {
    if (this.#cancel === undefined && this.#calls < this.#most) this.#watch()
  }

  /** Such a call was answered, or failed for good. */
  answered(): void {
    if (this.#calls === this.#most) return
    this.#answers++
    this.#calls++
    this.#grown()
  }

  close(): void {
    this.#cancel?.()
  }

  #watch(): void {
    const before = this.#answers
    this.#cancel = this.#clock.after(PATIENCE_MS, () => {
      if (this.#answers > before) return this.#watch()
      this.#calls = this.#most
      this.#grown()
    })
  }
}
