import type { Clock } from '@statefun/engine'

/** Time that passes only when nothing else is left to do: the next timer fires as soon as the event loop is idle. */
export class IdleClock implements Pick<Clock, 'after' | 'monotonic'> {
  #now = 0
  #timers: { readonly at: number; readonly callback: () => void }[] = []
  #armed = false

  monotonic(): number {
    return this.#now
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.#now + milliseconds, callback }
    this.#timers.push(timer)
    this.#arm()
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer)
    }
  }

  #arm(): void {
    if (this.#armed || this.#timers.length === 0) return
    this.#armed = true
    setImmediate(() => {
      this.#armed = false
      const [next, ...rest] = this.#timers.sort((a, b) => a.at - b.at)
      if (next === undefined) return
      this.#timers = rest
      this.#now = next.at
      next.callback()
      this.#arm()
    })
  }
}
