import type { Random } from '../random.ts'

/** A bucket as all who use it see it. */
export class SimBucket {
  readonly objects = new Map<string, Uint8Array>()
  readonly #random: Random
  /** Whether it refuses a conditional write to a key that is taken. */
  readonly conditional: boolean
  /** Mean milliseconds of a request. */
  latency = 1
  available = true

  constructor(random: Random, conditional: boolean) {
    this.#random = random
    this.conditional = conditional
  }

  /** How long the next request takes. */
  delay(): number {
    return this.#random.delay(this.latency)
  }
}
