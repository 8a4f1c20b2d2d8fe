import { getRandomValues } from 'node:crypto'

/** Characters that have random numbers of their own; those that follow go into what is mixed of the ones before. */
const POSITIONS = 16
const VALUES = 256

/**
 * Hashes of a function type's number and an instance id: 31 bits, which V8 keeps in a field as they are, all of them well
 * mixed. The index takes its table from the upper ones and the place in it from the lower ones.
 *
 * Ids come from outside, and whoever could tell which ones have the same hash could make every look-up a long one. So each
 * character is replaced by a random number for its place (tabulation hashing), other ones in each process.
 */
export class InstanceHash {
  /** For the lower and the upper half of a UTF-16 unit at each place. */
  readonly #low = getRandomValues(new Int32Array(POSITIONS * VALUES))
  readonly #high = getRandomValues(new Int32Array(POSITIONS * VALUES))

  of(type: number, id: string): number {
    const low = this.#low
    let hash = Math.imul(type + 1, 0x9e3779b1)
    let row = 0
    for (let i = 0; i < id.length; i++) {
      const unit = id.charCodeAt(i)
      hash ^= low[row + (unit & 0xff)]!
      if (unit > 0xff) hash ^= this.#high[row + (unit >>> 8)]!
      row += VALUES
      if (row === low.length) {
        hash = mixed(hash)
        row = 0
      }
    }
    return mixed(hash ^ id.length) >>> 1
  }

  /** The same for an id that is in UTF-8, from `start` to `end`. */
  ofBytes(type: number, bytes: Buffer, start: number, end: number): number {
    const low = this.#low
    let hash = Math.imul(type + 1, 0x9e3779b1)
    let row = 0
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!
      if (byte > 0x7f) return this.of(type, bytes.toString('utf8', start, end))
      hash ^= low[row + byte]!
      row += VALUES
      if (row === low.length) {
        hash = mixed(hash)
        row = 0
      }
    }
    return mixed(hash ^ (end - start)) >>> 1
  }
}

/** The last steps of MurmurHash3. */
function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35)
  return twice ^ (twice >>> 16)
}
