import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Where all chance of a simulation comes from: the same seed gives the same values in the same order. */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed)
  }

  /** A whole number from 0 to 2^32 - 1. */
  bits(): number {
    return this.#generator.next() >>> 0
  }

  /** From 0 on, below 1. */
  float(): number {
    return this.bits() / 0x1_0000_0000
  }

  /** A whole number from 0 on, below `limit`. */
  below(limit: number): number {
    return Math.floor(this.float() * limit)
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  /** From `least` to `most`, small ones as likely as large ones by order of magnitude. */
  scaled(least: number, most: number): number {
    return least * (most / least) ** this.float()
  }

  chance(probability: number): boolean {
    return this.float() < probability
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!
  }

  /** A delay in milliseconds with this mean, now and then much longer: what overtakes what depends on the long ones. */
  delay(mean: number): number {
    const ordinary = mean * 2 * this.float()
    return this.chance(0.03) ? ordinary * 20 : ordinary
  }

  /** Another source, independent of how much is drawn from this one later. */
  fork(): Random {
    return new Random(this.bits() | 0)
  }
}

/** A seed made of a number and texts (FNV-1a). */
export function hash(seed: number, ...texts: readonly string[]): number {
  let h = 0x811c9dc5 ^ seed
  for (const text of texts) {
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
    h = Math.imul(h ^ 0x1f, 0x01000193)
  }
  // Neighbouring texts differ in low bits only: spread them.
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) | 0
}
