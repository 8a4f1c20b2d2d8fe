import type { Clock } from '@statefun/engine'

/** A wait of one loop that can be ended early. */
export class Sleeper {
  readonly #clock: Clock
  #end: (() => void) | undefined
  #woken = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Settles after `ms`, or at once when {@link wake} was called since the last wait. */
  sleep(ms: number): Promise<void> {
    if (this.#woken) {
      this.#woken = false
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      const cancel = ms === Number.POSITIVE_INFINITY ? undefined : this.#clock.after(ms, () => this.#end?.())
      this.#end = () => {
        cancel?.()
        this.#end = undefined
        resolve()
      }
    })
  }

  /** Ends the current wait, or makes the next one return at once. */
  wake(): void {
    if (this.#end === undefined) this.#woken = true
    else this.#end()
  }
}
