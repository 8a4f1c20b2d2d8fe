import type { TransportClock } from '../transport-clock.ts'

/** A clock that stands still until told: `advance` runs what falls due on the way, in order of time. */
export class VirtualClock implements TransportClock {
  #nowMs = 0
  readonly #timers = new Set<{ readonly dueMs: number; readonly run: () => void }>()

  now(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** When the armed timers are due, in order. */
  get due(): readonly number[] {
    return [...this.#timers].map((timer) => timer.dueMs).sort((a, b) => a - b)
  }

  advance(milliseconds: number): void {
    const endMs = this.#nowMs + milliseconds
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.dueMs - b.dueMs)[0]
      if (next === undefined || next.dueMs > endMs) break
      this.#timers.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.run()
    }
    this.#nowMs = endMs
  }
}
