const BITS = 16
const SIZE = 1 << BITS
const MASK = SIZE - 1
const FIRST = 256

/**
 * Doubles in typed arrays of 65,536: what is there is never copied when it grows, so that growing costs the same however
 * much there is. Only the first piece starts small, for those who hold little.
 *
 * It has a twin for 32-bit numbers: one class for both would make every access look up which of the two it has.
 */
export class Float64Pieces {
  readonly #pieces: Float64Array[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  /** The caller keeps to indices that there is room for. */
  get(at: number): number {
    return this.#pieces[at >>> BITS]![at & MASK]!
  }

  set(at: number, value: number): void {
    this.#pieces[at >>> BITS]![at & MASK] = value
  }

  push(value: number): void {
    const at = this.#length
    this.reserve(at + 1)
    this.set(at, value)
  }

  /** The piece with this index, and where in it, for those who look at neighbours. */
  pieceOf(at: number): Float64Array {
    return this.#pieces[at >>> BITS]!
  }

  offsetOf(at: number): number {
    return at & MASK
  }

  /** Makes room for indices below `length`; new places hold 0 or what was there before. */
  reserve(length: number): void {
    if (length <= this.#length) return
    this.#length = length
    const pieces = this.#pieces
    while (roomOf(pieces) < length) {
      const first = pieces[0]
      if (first === undefined) pieces.push(new Float64Array(FIRST))
      else if (first.length === SIZE) pieces.push(new Float64Array(SIZE))
      else {
        pieces[0] = new Float64Array(first.length * 2)
        pieces[0].set(first)
      }
    }
  }

  /** Gives up indices from `length` on; one piece too many is kept, for those who come and go at its edge. */
  truncate(length: number): void {
    this.#length = length
    const kept = (length >>> BITS) + 2
    if (this.#pieces.length > kept) this.#pieces.length = kept
  }
}

/** Unsigned 32-bit numbers; see {@link Float64Pieces}. */
export class Uint32Pieces {
  readonly #pieces: Uint32Array[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  /** The caller keeps to indices that there is room for. */
  get(at: number): number {
    return this.#pieces[at >>> BITS]![at & MASK]!
  }

  set(at: number, value: number): void {
    this.#pieces[at >>> BITS]![at & MASK] = value
  }

  push(value: number): void {
    const at = this.#length
    this.reserve(at + 1)
    this.set(at, value)
  }

  /** The last one, which is given up. The caller has checked the length. */
  pop(): number {
    const last = this.get(this.#length - 1)
    this.truncate(this.#length - 1)
    return last
  }

  /** Makes room for indices below `length`; new places hold 0 or what was there before. */
  reserve(length: number): void {
    if (length <= this.#length) return
    this.#length = length
    const pieces = this.#pieces
    while (roomOf(pieces) < length) {
      const first = pieces[0]
      if (first === undefined) pieces.push(new Uint32Array(FIRST))
      else if (first.length === SIZE) pieces.push(new Uint32Array(SIZE))
      else {
        pieces[0] = new Uint32Array(first.length * 2)
        pieces[0].set(first)
      }
    }
  }

  /** Gives up indices from `length` on; one piece too many is kept, for those who come and go at its edge. */
  truncate(length: number): void {
    this.#length = length
    const kept = (length >>> BITS) + 2
    if (this.#pieces.length > kept) this.#pieces.length = kept
  }
}

function roomOf(pieces: readonly { readonly length: number }[]): number {
  return pieces.length < 2 ? (pieces[0]?.length ?? 0) : pieces.length * SIZE
}
