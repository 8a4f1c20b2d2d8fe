import { Float64Pieces, Uint32Pieces } from './pieces.ts'

/*
  A heap with eight children per node, so that five million need eight levels. Places are counted from 7 on: then the due
  times of a node's children lie in one line of the processor's cache, and never in two pieces.
*/
const CHILDREN = 8
const ROOT = CHILDREN - 1

/**
 * The slots of waiting messages by (due, sequence). Every slot knows its place, so that one that is cancelled leaves at
 * once: nothing has to be cleaned up later, all at a time.
 */
export class TimerQueue {
  readonly #due = new Float64Pieces()
  readonly #slots = new Uint32Pieces()
  /** By slot; 0 for one that is not in the queue. */
  readonly #places = new Uint32Pieces()
  readonly #sequences: Float64Pieces
  #end = ROOT

  /** @param sequences by slot */
  constructor(sequences: Float64Pieces) {
    this.#sequences = sequences
  }

  get size(): number {
    return this.#end - ROOT
  }

  has(slot: number): boolean {
    return slot < this.#places.length && this.#places.get(slot) !== 0
  }

  /** The slot of the earliest message, undefined when there is none. */
  first(): number | undefined {
    return this.#end === ROOT ? undefined : this.#slots.get(ROOT)
  }

  /** Epoch milliseconds of the earliest message; infinite when there is none. */
  firstDue(): number {
    return this.#end === ROOT ? Number.POSITIVE_INFINITY : this.#due.get(ROOT)
  }

  add(slot: number, due: number): void {
    const at = this.#end++
    this.#due.reserve(this.#end)
    this.#slots.reserve(this.#end)
    this.#places.reserve(slot + 1)
    this.#rise(at, slot, due)
  }

  /** Takes out a slot that is in the queue. */
  remove(slot: number): void {
    const at = this.#places.get(slot)
    this.#places.set(slot, 0)
    const last = --this.#end
    const moved = this.#slots.get(last)
    const due = this.#due.get(last)
    this.#due.truncate(last)
    this.#slots.truncate(last)
    if (at === last) return
    if (at > ROOT && this.#before(due, moved, parentOf(at))) this.#rise(at, moved, due)
    else this.#sink(at, moved, due)
  }

  /** Forgets everything, memory included. */
  clear(): void {
    this.#end = ROOT
    this.#due.truncate(0)
    this.#slots.truncate(0)
    this.#places.truncate(0)
  }

  #before(due: number, slot: number, place: number): boolean {
    const other = this.#due.get(place)
    return (
      due < other ||
      (due === other && this.#sequences.get(slot) < this.#sequences.get(this.#slots.get(place)))
    )
  }

  #put(at: number, slot: number, due: number): void {
    this.#due.set(at, due)
    this.#slots.set(at, slot)
    this.#places.set(slot, at)
  }

  #rise(from: number, slot: number, due: number): void {
    let at = from
    while (at > ROOT) {
      const parent = parentOf(at)
      if (!this.#before(due, slot, parent)) break
      this.#put(at, this.#slots.get(parent), this.#due.get(parent))
      at = parent
    }
    this.#put(at, slot, due)
  }

  #sink(from: number, slot: number, due: number): void {
    const end = this.#end
    let at = from
    for (;;) {
      const first = CHILDREN * (at - ROOT + 1)
      if (first >= end) break
      const piece = this.#due.pieceOf(first)
      const start = this.#due.offsetOf(first)
      const count = Math.min(CHILDREN, end - first)
      let least = first
      let leastDue = piece[start]!
      for (let i = 1; i < count; i++) {
        const due = piece[start + i]!
        if (due > leastDue) continue
        if (due < leastDue || this.#before(due, this.#slots.get(first + i), least)) {
          least = first + i
          leastDue = due
        }
      }
      if (this.#before(due, slot, least)) break
      this.#put(at, this.#slots.get(least), leastDue)
      at = least
    }
    this.#put(at, slot, due)
  }
}

function parentOf(place: number): number {
  return (place >>> 3) + ROOT - 1
}
