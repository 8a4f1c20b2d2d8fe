/** Time as the engine sees it; the simulator and tests bring their own. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Milliseconds since some moment, with fractions; never goes back. For durations. */
  monotonic(): number
  /** Calls back once after `milliseconds`; the result cancels it. */
  after(milliseconds: number, callback: () => void): () => void
  /** Calls back soon, after I/O that is ready had its turn. */
  soon(callback: () => void): void
}

/** setTimeout fires at once for longer delays than this. */
const LONGEST_TIMEOUT_MS = 0x7fffffff

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(milliseconds, 0), LONGEST_TIMEOUT_MS))
    return () => clearTimeout(timer)
  },
  soon: (callback) => void setImmediate(callback),
}
