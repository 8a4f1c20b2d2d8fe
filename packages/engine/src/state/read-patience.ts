/** A read that takes longer did not find its page in memory, or another process had the core. */
const SLOW_READ_MS = 0.5
/** Reads that are left to other threads after a slow one. */
const FEWEST = 8
const MOST = 256

/**
 * Decides which reads are waited for on the spot and which are left to other threads, where one costs several times as much.
 *
 * After a slow read some go to other threads, twice as many after each one that is slow as well: a disk that has to be waited
 * for soon gets nearly all of them, and a core that was taken away now and then hardly costs any.
 */
export class ReadPatience {
  /** How many of the next reads do not wait. */
  #left: number
  #burst = FEWEST
  #fast = 0

  /** @param never true: no read waits */
  constructor(never: boolean) {
    this.#left = never ? Number.POSITIVE_INFINITY : 0
  }

  /** Whether the next read may be waited for. */
  next(): boolean {
    if (this.#left === 0) return true
    this.#left--
    return false
  }

  /** One that was waited for took so long. */
  took(milliseconds: number): void {
    if (milliseconds > SLOW_READ_MS) {
      this.#left = this.#burst
      this.#burst = Math.min(this.#burst * 2, MOST)
      this.#fast = 0
    } else if (++this.#fast === MOST) {
      this.#burst = FEWEST
      this.#fast = 0
    }
  }
}
