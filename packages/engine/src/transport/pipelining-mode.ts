/**
 * Decides whether calls may queue up behind each other on one connection.
 *
 * Sharing connections nearly halves the CPU time per call, but on an endpoint that takes its time it makes calls wait that
 * could have run side by side. Which of the two an endpoint is cannot be told from latencies under load, because they
 * grow with the number of calls under way; so where there is doubt the other way is tried for a moment, and kept when it
 * answers more calls per second, or, for sharing, about as many. Pure: the caller passes the time.
 */
export class PipeliningMode {
  #narrow = true
  #inTrial = false
  #answers = 0
  #gapsMs = 0
  #windowStartMs: number
  /** Answers per millisecond before the trial. */
  #usualRate = 0
  #nextTrialMs = 0
  #pauseMs = FIRST_PAUSE_MS

  constructor(nowMs: number) {
    this.#windowStartMs = nowMs
  }

  /** True while calls should share connections. */
  get narrow(): boolean {
    return this.#narrow
  }

  /** @param gapMs since the connection's previous answer, or since the call was sent when it was alone on it */
  answered(gapMs: number, nowMs: number): void {
    this.#gapsMs += gapMs
    this.#answers++
    const elapsedMs = nowMs - this.#windowStartMs
    if (elapsedMs < (this.#inTrial ? TRIAL_MS : WINDOW_MS)) return
    const rate = this.#answers / elapsedMs
    if (this.#inTrial) this.#endTrial(rate, nowMs)
    else if (nowMs >= this.#nextTrialMs && this.#isDoubtful(rate)) this.#beginTrial(rate)
    this.#answers = 0
    this.#gapsMs = 0
    this.#windowStartMs = nowMs
  }

  /** A call hung with others behind it: the connections are kept apart for a while. */
  stalled(nowMs: number): void {
    this.#narrow = false
    this.#inTrial = false
    this.#waitLonger(nowMs)
  }

  /** Shared connections that answer slowly, or unshared ones that cost much CPU time. */
  #isDoubtful(rate: number): boolean {
    return this.#narrow ? this.#gapsMs > SLOW_GAP_MS * this.#answers : rate >= BUSY_RATE
  }

  #beginTrial(rate: number): void {
    this.#usualRate = rate
    this.#inTrial = true
    this.#narrow = !this.#narrow
  }

  #endTrial(rate: number, nowMs: number): void {
    this.#inTrial = false
    const [narrowRate, wideRate] = this.#narrow ? [rate, this.#usualRate] : [this.#usualRate, rate]
    const shouldShare = narrowRate >= wideRate * KEPT_SHARE
    if (shouldShare === this.#narrow) {
      this.#pauseMs = FIRST_PAUSE_MS
      this.#nextTrialMs = nowMs + FIRST_PAUSE_MS
    } else {
      this.#narrow = shouldShare
      this.#waitLonger(nowMs)
    }
  }

  #waitLonger(nowMs: number): void {
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS)
    this.#nextTrialMs = nowMs + this.#pauseMs
  }
}

const WINDOW_MS = 100
const TRIAL_MS = 200
const SLOW_GAP_MS = 5
/** Answers per millisecond below which the CPU time of calls is no concern. */
const BUSY_RATE = 5
/** Less than all, because two moments on a busy machine differ by so much anyway. */
const KEPT_SHARE = 0.6
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 30_000
