/** A wait that can be ended early, for loops that sleep between attempts. One waiter at a time. */
export class Pause {
  #end: (() => void) | undefined
  #woken = false

  /** Settles after `ms`, or at once when {@link wake} was called since the last wait. */
  wait(ms: number): Promise<void> {
    if (this.#woken) {
      this.#woken = false
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      const timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => this.#end?.(), ms)
      this.#end = () => {
        clearTimeout(timer)
        this.#end = undefined
        this.#woken = false
        resolve()
      }
    })
  }

  /** Ends the current wait, or makes the next one return at once. */
  wake(): void {
    this.#woken = true
    this.#end?.()
  }
}
