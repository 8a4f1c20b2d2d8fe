/** How often a shard is asked for records. Times are milliseconds. */
export interface PaceLimits {
  /** Between two calls; AWS allows five calls a second and shard. */
  readonly intervalMs: number
  /** AWS hands out 2 MB a second and shard. */
  readonly bytesPerSecond: number
  /** Between two calls while the shard has nothing new: it grows from the first to the last. */
  readonly idleFromMs: number
  readonly idleToMs: number
}

const IDLE_GROWTH = 1.15
const FIRST_EXTRA_MS = 50
const MOST_EXTRA_MS = 5000
/** What remains of an extra pause after a call that was answered. */
const RECOVERY = 0.9

/**
 * Paces the calls for one shard: within the limits of Kinesis, slower when others read the same shard so that calls are
 * refused, and seldom while it is empty.
 */
export class ShardPace {
  readonly #limits: PaceLimits
  #due = Number.NEGATIVE_INFINITY
  /** Grows with every refused call, and shrinks with every answer. */
  #extraMs = 0
  #idleMs = 0

  constructor(limits: PaceLimits) {
    this.#limits = limits
  }

  /** Milliseconds from `now` until the next call; 0 when it may go out. */
  wait(now: number): number {
    return Math.max(0, this.#due - now)
  }

  /**
   * A call was answered.
   *
   * @param sent when it went out
   * @param caughtUp nothing more is there
   */
  answered(sent: number, bytes: number, caughtUp: boolean): void {
    const { intervalMs, bytesPerSecond, idleFromMs, idleToMs } = this.#limits
    if (bytes > 0 || !caughtUp) this.#idleMs = 0
    else this.#idleMs = Math.min(Math.max(idleFromMs, this.#idleMs * IDLE_GROWTH), idleToMs)
    const usual = Math.max(intervalMs, (bytes / bytesPerSecond) * 1000, this.#idleMs)
    this.#due = sent + usual + this.#extraMs
    this.#extraMs = this.#extraMs < 1 ? 0 : this.#extraMs * RECOVERY
  }

  /**
   * A call was refused because there were too many.
   *
   * @param random from 0 to 1: readers that were refused together do not come back together
   */
  throttled(now: number, random: number): void {
    this.#extraMs = Math.min(Math.max(FIRST_EXTRA_MS, this.#extraMs * 2), MOST_EXTRA_MS)
    this.#due = now + Math.max(this.#limits.intervalMs, this.#extraMs) * (1 + random / 2)
  }
}
