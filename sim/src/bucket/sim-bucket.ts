import type { Random } from '../random.ts'

/** A bucket as all who use it see it. */
export class SimBucket {
  readonly objects = new Map<string, Uint8Array>()
  readonly #random: Random
  /** Mean milliseconds of a request. */
  latency = 1
  available = true
  /** How likely an answer is lost. */
  loss = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** How long the next request takes. */
  delay(): number {
    return this.#random.delay(this.latency)
  }
}
