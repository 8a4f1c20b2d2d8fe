/** Flink's meters look back this far and are updated this often. */
const WINDOW_SECONDS = 60
const STEP_SECONDS = 5

/** Events per second over the last minute, as Flink's `<name>Rate` (contract 5.8). */
export class Rate {
  readonly #read: () => number
  readonly #samples: number[]

  constructor(read: () => number) {
    this.#read = read
    this.#samples = [read()]
  }

  /** Called every {@link Rate.stepSeconds}. */
  sample(): void {
    this.#samples.push(this.#read())
    if (this.#samples.length > WINDOW_SECONDS / STEP_SECONDS + 1) this.#samples.shift()
  }

  get value(): number {
    const first = this.#samples[0]!
    // A restarted job counts from zero again.
    return Math.max(0, this.#samples.at(-1)! - first) / WINDOW_SECONDS
  }

  static readonly stepSeconds = STEP_SECONDS
}
