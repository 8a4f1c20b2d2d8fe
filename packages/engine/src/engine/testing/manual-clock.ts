import type { Clock } from '../../clock.ts'

/** Time that passes when a test says so. */
export class ManualClock implements Clock {
  #now = 1_000_000
  #timers: { readonly at: number; readonly callback: () => void }[] = []

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.#now + milliseconds, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  soon(callback: () => void): void {
    setImmediate(callback)
  }

  /** Lets time pass, with everything that follows from it before the next millisecond. */
  async pass(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0; left--) {
      this.#now++
      for (const timer of this.#timers.filter(({ at }) => at <= this.#now)) {
        this.#timers = this.#timers.filter((other) => other !== timer)
        timer.callback()
      }
      for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
