import { GatheredStates } from './gathered-states.ts'
import type { InstanceHash } from './instance-hash.ts'
import type { Location } from './key-index.ts'
import type { SpillStore } from './spill-store.ts'
import {
  copyStates,
  endRecord,
  isRecordOfBytes,
  RECORD_HEADER_BYTES,
  recordLength,
  writeKey,
  writeState,
} from './spilled-record.ts'

/** States that gather before they go to disk. */
const CAPACITY = 2 ** 17
/** Bytes of a segment that are read at once, and more for a record that begins there. */
const BLOCK_BYTES = 128 * 1024
/** Where so many bytes of a block go with each record that is wanted, they are read one by one. */
const SPARSE_BYTES = 16 * 1024
/** What a record takes at most besides its id and its states, and a state besides its value. */
const KEY_BYTES = RECORD_HEADER_BYTES + 16
const STATE_BYTES = 24

/**
 * Brings the states of a checkpoint to disk, in order: first those of a snapshot, then what changed since.
 *
 * A change belongs into the record that its instance has already, and looking that up anywhere in the files for each change
 * would be most of what a recovery costs. So changes gather, and then the files are read once from the beginning to the end.
 */
export class RestoredStates {
  readonly #store: SpillStore
  readonly #gathered: GatheredStates
  /** By instance of those that gathered: where its record is, or that of another one with the same hash. */
  readonly #segment: Int32Array
  readonly #offset: Float64Array
  readonly #length: Float64Array
  /** The block of its beginning; -1 when it has none. */
  readonly #block: Int32Array
  /** The instances by block. */
  readonly #sorted: Int32Array
  readonly #found: Location = { segment: 0, offset: 0, length: 0 }
  #buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES)
  /** Whose record is being written. */
  #state = -1

  constructor(store: SpillStore, hashes: InstanceHash, capacity: number = CAPACITY) {
    this.#store = store
    this.#gathered = new GatheredStates(hashes, capacity)
    this.#segment = new Int32Array(capacity)
    this.#offset = new Float64Array(capacity)
    this.#length = new Float64Array(capacity)
    this.#block = new Int32Array(capacity)
    this.#sorted = new Int32Array(capacity)
  }

  /** See {@link GatheredStates.add}. */
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
    const gathered = this.#gathered
    if (!gathered.hasRoom(from)) this.apply()
    gathered.add(type, slot, stamp, from, idStart, idEnd, valueStart, valueEnd)
  }

  /** Brings those that have gathered to disk. */
  apply(): void {
    const { instances, firsts } = this.#gathered
    const located = this.#locate()
    for (let instance = 0; instance < instances; instance++) {
      if (this.#block[instance] === -1) this.#insert(firsts[instance]!)
    }
    for (let from = 0, to = 0; from < located; from = to) {
      const block = this.#block[this.#sorted[from]!]
      while (to < located && this.#block[this.#sorted[to]!] === block) to++
      this.#mergeBlock(from, to)
    }
    this.#gathered.clear()
  }

  /**
   * Finds out which instances have a record, and sorts them by its block.
   *
   * @returns how many
   */
  #locate(): number {
    const { index, segments } = this.#store
    const { instances, firsts, hash } = this.#gathered
    const firstBlocks = new Map<number, number>()
    let blocks = 0
    for (const { id, bytes } of segments.values()) {
      firstBlocks.set(id, blocks)
      blocks += Math.floor(bytes / BLOCK_BYTES) + 1
    }
    /** By block: how many instances come before it. */
    const before = new Int32Array(blocks + 1)
    const found = this.#found
    for (let instance = 0; instance < instances; instance++) {
      this.#block[instance] = -1
      if (!index.find(hash[firsts[instance]!]!, 0, found)) continue
      const block = firstBlocks.get(found.segment)! + Math.floor(found.offset / BLOCK_BYTES)
      this.#segment[instance] = found.segment
      this.#offset[instance] = found.offset
      this.#length[instance] = found.length
      this.#block[instance] = block
      before[block + 1]!++
    }
    for (let block = 0; block < blocks; block++) before[block + 1]! += before[block]!
    const located = before[blocks]!
    for (let instance = 0; instance < instances; instance++) {
      const block = this.#block[instance]!
      if (block !== -1) this.#sorted[before[block]!++] = instance
    }
    return located
  }

  /** Merges the instances from one place in {@link #sorted} to another one, whose records begin in the same block. */
  #mergeBlock(from: number, to: number): void {
    const segment = this.#store.segments.get(this.#segment[this.#sorted[from]!]!)!
    let start = Number.POSITIVE_INFINITY
    let end = 0
    for (let i = from; i < to; i++) {
      const instance = this.#sorted[i]!
      const offset = this.#offset[instance]!
      // What is behind that is in memory.
      if (offset >= segment.written) continue
      start = Math.min(start, offset)
      end = Math.max(end, offset + this.#length[instance]!)
    }
    if (end - start > (to - from) * SPARSE_BYTES) end = 0
    if (end > 0) {
      if (end - start > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(end - start)
      segment.file.readNow(this.#buffer, end - start, start)
    }
    const location = this.#found
    for (let i = from; i < to; i++) {
      const instance = this.#sorted[i]!
      const state = this.#gathered.firsts[instance]!
      location.segment = segment.id
      location.offset = this.#offset[instance]!
      location.length = this.#length[instance]!
      const at = location.offset - start
      if (location.offset < end && this.#isRecordOf(state, this.#buffer, at))
        this.#merge(state, this.#buffer, at, location)
      else this.#mergeAnywhere(state)
    }
  }

  /** Looks for the record of the instance, which may have none. */
  #mergeAnywhere(state: number): void {
    const store = this.#store
    const hash = this.#gathered.hash[state]!
    for (let nth = 0; store.index.find(hash, nth, this.#found); nth++) {
      store.readNow(this.#found)
      if (!this.#isRecordOf(state, store.readBuffer, store.readAt)) continue
      this.#merge(state, store.readBuffer, store.readAt, this.#found)
      return
    }
    this.#insert(state)
  }

  #isRecordOf(state: number, from: Buffer, at: number): boolean {
    const { type, idStart, idEnd } = this.#gathered
    return isRecordOfBytes(
      from,
      at,
      type[state]!,
      this.#gathered.frame(state),
      idStart[state]!,
      idEnd[state]!,
    )
  }

  /** The instance has the record at `at`, which is the one at `location`. */
  #merge(state: number, from: Buffer, at: number, location: Location): void {
    const store = this.#store
    const hash = this.#gathered.hash[state]!
    const keyEnd = this.#begin(state, recordLength(from, at))
    this.#state = state
    const end = this.#writeStates(state, copyStates(store.buffer, keyEnd, from, at, this.#isKept))
    if (end === keyEnd) {
      store.remove(hash, location)
      return
    }
    endRecord(store.buffer, store.at, end, hash)
    store.replace(hash, location, end)
  }

  /** The instance has no record. */
  #insert(state: number): void {
    const store = this.#store
    const hash = this.#gathered.hash[state]!
    const keyEnd = this.#begin(state, 0)
    const end = this.#writeStates(state, keyEnd)
    if (end === keyEnd) return
    endRecord(store.buffer, store.at, end, hash)
    store.commit(hash, end)
  }

  /**
   * @param more bytes that are needed besides the id and the states that gathered
   * @returns the end of the key
   */
  #begin(state: number, more: number): number {
    const { idStart, idEnd, type, valueStart, valueEnd, next } = this.#gathered
    let bytes = KEY_BYTES + idEnd[state]! - idStart[state]! + more
    for (let one = state; one !== -1; one = next[one]!)
      bytes += STATE_BYTES + valueEnd[one]! - valueStart[one]!
    const store = this.#store
    store.reserve(bytes)
    const from = this.#gathered.frame(state)
    return writeKey(store.buffer, store.at, type[state]!, from, idStart[state]!, idEnd[state]!)
  }

  /** @returns the end of what was written at `at` */
  #writeStates(state: number, at: number): number {
    const { slot, stamp, valueStart, valueEnd, next } = this.#gathered
    const { buffer } = this.#store
    let end = at
    for (let one = state; one !== -1; one = next[one]!) {
      if (valueStart[one] === -1) continue
      const from = this.#gathered.frame(one)
      end = writeState(buffer, end, slot[one]!, stamp[one]!, from, valueStart[one]!, valueEnd[one]!)
    }
    return end
  }

  readonly #isKept = (slot: number): boolean => {
    const { slot: slots, next } = this.#gathered
    for (let one = this.#state; one !== -1; one = next[one]!) if (slots[one] === slot) return false
    return true
  }
}
