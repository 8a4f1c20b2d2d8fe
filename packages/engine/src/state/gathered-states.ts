import type { InstanceHash } from './instance-hash.ts'

/** Bytes of frames, unless a single one has more. */
const HELD_BYTES = 16 * 1024 * 1024

/** States of a checkpoint, of each the newest one, as places in the frames that they are in: nothing is made of them. */
export class GatheredStates {
  /** How many there are. */
  count = 0
  /** By number of a state. */
  readonly slot: Int32Array
  /** Epoch milliseconds; 0 is none. */
  readonly stamp: Float64Array
  /** -1 is a deletion. */
  readonly valueStart: Int32Array
  readonly valueEnd: Int32Array
  /** The number of another state of the same instance, or -1. */
  readonly next: Int32Array
  /** The same for all states of an instance. */
  readonly hash: Int32Array
  readonly type: Int32Array
  readonly idStart: Int32Array
  readonly idEnd: Int32Array
  /** The number of a state of each instance: the one that leads to the others. */
  readonly firsts: Int32Array
  instances = 0

  readonly #hashes: InstanceHash
  readonly #capacity: number
  readonly #frame: Int32Array
  #frames: Buffer[] = []
  #heldBytes = 0
  /** Open addressing: 1 + the number of the first state of an instance, or 0. */
  readonly #table: Int32Array

  /** @param capacity a power of two */
  constructor(hashes: InstanceHash, capacity: number) {
    this.#hashes = hashes
    this.#capacity = capacity
    this.slot = new Int32Array(capacity)
    this.stamp = new Float64Array(capacity)
    this.valueStart = new Int32Array(capacity)
    this.valueEnd = new Int32Array(capacity)
    this.next = new Int32Array(capacity)
    this.hash = new Int32Array(capacity)
    this.type = new Int32Array(capacity)
    this.idStart = new Int32Array(capacity)
    this.idEnd = new Int32Array(capacity)
    this.firsts = new Int32Array(capacity)
    this.#frame = new Int32Array(capacity)
    this.#table = new Int32Array(2 * capacity)
  }

  /** Whether one more can be added; false as well when too many bytes of frames would be held on to. */
  hasRoom(from: Buffer): boolean {
    if (this.count === this.#capacity) return false
    return this.#heldBytes < HELD_BYTES || this.#frames.at(-1) === from
  }

  /** See {@link StoredStateVisitor}; a `valueStart` of -1 is a deletion. `from` has to stay as it is until {@link clear}. */
  add(
    type: number,
    slot: number,
    stamp: number,
    from: Buffer,
    idStart: number,
    idEnd: number,
    valueStart: number,
    valueEnd: number,
  ): void {
    if (this.#frames.at(-1) !== from) {
      this.#frames.push(from)
      this.#heldBytes += from.length
    }
    const at = this.#numberOf(type, slot, from, idStart, idEnd)
    this.stamp[at] = stamp
    this.#frame[at] = this.#frames.length - 1
    this.idStart[at] = idStart
    this.idEnd[at] = idEnd
    this.valueStart[at] = valueStart
    this.valueEnd[at] = valueEnd
  }

  /** What the id and the value of a state are in. */
  frame(state: number): Buffer {
    return this.#frames[this.#frame[state]!]!
  }

  clear(): void {
    this.count = 0
    this.instances = 0
    this.#heldBytes = 0
    this.#frames = []
    this.#table.fill(0)
  }

  /** The one that is there, or a new one. */
  #numberOf(type: number, slot: number, from: Buffer, idStart: number, idEnd: number): number {
    const hash = this.#hashes.ofBytes(type, from, idStart, idEnd)
    const table = this.#table
    const mask = table.length - 1
    let at = hash & mask
    for (; table[at] !== 0; at = (at + 1) & mask) {
      const first = table[at]! - 1
      if (this.hash[first] !== hash || this.type[first] !== type) continue
      if (!this.#hasId(first, from, idStart, idEnd)) continue
      for (let state = first; ; state = this.next[state]!) {
        if (this.slot[state] === slot) return state
        if (this.next[state] !== -1) continue
        const added = this.#append(hash, type, slot)
        this.next[state] = added
        return added
      }
    }
    const added = this.#append(hash, type, slot)
    table[at] = added + 1
    this.firsts[this.instances++] = added
    return added
  }

  #append(hash: number, type: number, slot: number): number {
    const at = this.count++
    this.hash[at] = hash
    this.type[at] = type
    this.slot[at] = slot
    this.next[at] = -1
    return at
  }

  #hasId(state: number, bytes: Buffer, start: number, end: number): boolean {
    const from = this.#frames[this.#frame[state]!]!
    const idStart = this.idStart[state]!
    if (this.idEnd[state]! - idStart !== end - start) return false
    for (let i = start; i < end; i++) if (from[idStart + i - start] !== bytes[i]) return false
    return true
  }
}
