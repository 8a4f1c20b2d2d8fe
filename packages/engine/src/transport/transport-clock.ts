/** Time as the transports see it; a test passes its own. */
export interface TransportClock {
  /** Milliseconds, monotonic, any origin. */
  now(): number
  /** Calls `run` once after `delayMs`; the returned function takes it back. */
  after(delayMs: number, run: () => void): () => void
}

/** The clock of this process. */
export const systemTransportClock: TransportClock = {
  now: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}
