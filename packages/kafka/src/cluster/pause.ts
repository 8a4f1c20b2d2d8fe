/** A wait that can be ended early, for loops that sleep between attempts. */
export class Pause {
  readonly #ends = new Set<() => void>()
  #woken = false

  /** Settles after `ms`, or at once when {@link wake} was called while nobody waited. */
  wait(ms: number): Promise<void> {
    if (this.#woken) {
      this.#woken = false
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        this.#ends.delete(end)
        resolve()
      }
      const timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(end, ms)
      this.#ends.add(end)
    })
  }

  /** Ends all waits, or makes the next one return at once. */
  wake(): void {
    this.#woken = this.#ends.size === 0
    for (const end of this.#ends) end()
  }
}
