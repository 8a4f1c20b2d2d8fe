/**
 * A hash of 64 bits in two halves, computed anew for one key after the other. It differs from process to process, so that
 * nobody can choose ids and tokens that all fall on the same place.
 */
export class KeyHash {
  /** Unsigned 32 bits each. */
  high = 0
  low = 0
  readonly #seed = Math.trunc(Math.random() * 2 ** 32)

  ofBytes(bytes: Uint8Array, start: number, end: number): void {
    let high = this.#seed
    let low = ~this.#seed
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!
      high = Math.imul(high ^ byte, 0x01000193)
      low = Math.imul(rotate(low ^ byte), 0x9e3779b1)
    }
    this.high = mix(high ^ (end - start))
    this.low = mix(low)
  }

  /** Of a whole number from 0 to 2^53 - 1. */
  ofNumber(value: number): void {
    this.low = mix((value | 0) ^ this.#seed)
    this.high = mix(Math.trunc(value / 2 ** 32) ^ this.low)
  }
}

function rotate(value: number): number {
  return (value << 5) | (value >>> 27)
}

/** Lets every bit count for every other one (the last steps of MurmurHash3). */
function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
