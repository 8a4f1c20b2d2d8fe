import { AddedTimers, type FindRecord } from './added-timers.ts'
import { KeyHash } from './key-hash.ts'
import { Names } from './names.ts'
import { Float64Pieces, Uint32Pieces } from './pieces.ts'
import { RecordStore } from './record-store.ts'
import { RecordWriter } from './record-writer.ts'
import { SlotIndex } from './slot-index.ts'
import type { Timer } from './timer.ts'
import { TimerQueue } from './timer-queue.ts'
import { TimerRecord } from './timer-record.ts'

/** Sequence of a slot that is free. */
const FREE = -1

/** Slots looked at by a scan between two looks at what else there is to do. */
const SCAN = 16 * 1024

/** Records given up with every message that comes or goes, of those that an epoch needed. */
const RELEASE = 4

/** What changed since the last cut. */
export interface SealedTimers {
  readonly added: AddedTimers
  /** Sequences of those that were set in an earlier epoch and left in this one. */
  readonly removed: Float64Pieces
}

/**
 * The pending delayed messages. Nothing is kept of one on the JavaScript heap: it is a record (record-store.ts) that a slot
 * refers to, a place in a queue by (due, sequence), and an entry in an index if it has a token.
 *
 * Tokens are scoped to the sender's id, whatever its function type (contract 5.4).
 */
export class Timers {
  readonly #names = new Names()
  readonly #writer = new RecordWriter(this.#names)
  /** By slot: the sequence, and where the record is or the next free slot. */
  readonly #sequences = new Float64Pieces()
  readonly #locations = new Uint32Pieces()
  /** Slots that were ever taken, those in use, and the last one that became free, plus one. */
  #slots = 0
  #usedSlots = 0
  #freeSlot = 0
  readonly #queue = new TimerQueue(this.#sequences)
  readonly #records = new RecordStore(this.#locations)
  readonly #view = new TimerRecord(this.#names)
  readonly #hash = new KeyHash()
  readonly #byToken = new SlotIndex((slot) => this.#hasWrittenScope(slot))
  /** Only while a change log is replayed. */
  #bySequence: SlotIndex | undefined
  #wanted = 0
  /** The first sequence of the open epoch, and of the earliest one that is not encoded. */
  #openFrom = 0
  #pinnedFrom = 0
  #added = this.#newAdded()
  #removed = new Float64Pieces()
  /** Slots of messages that left while a sealed epoch still needs their records, and those that none needs any more. */
  #pinned = new Uint32Pieces()
  readonly #released: Uint32Pieces[] = []

  /** Number of messages that will still be delivered. */
  get size(): number {
    return this.#queue.size
  }

  /** Bytes of the records' memory, and those of them that are in use. */
  get recordBytes(): { readonly room: number; readonly live: number } {
    return this.#records.bytes
  }

  /** True when a message with this token of this sender id waits. */
  hasToken(senderId: string, token: string): boolean {
    return this.#slotOfToken(senderId, token) !== -1
  }

  /** Takes a message of the open epoch; its sequence is larger than all before. */
  add(timer: Timer): void {
    const { sequence } = timer
    const size = this.#writer.write(timer)
    this.#added.push(this.#insert(timer, size), sequence, size)
    this.#releaseSome()
  }

  /** Takes back the message with this token; false when none waits. */
  cancel(senderId: string, token: string): boolean {
    const slot = this.#slotOfToken(senderId, token)
    if (slot === -1) return false
    this.#withdraw(slot)
    return true
  }

  /** Epoch milliseconds of the earliest message, undefined when none waits. */
  nextDue(): number | undefined {
    return this.#queue.size === 0 ? undefined : this.#queue.firstDue()
  }

  /** Removes and returns the earliest message that is due at `now`. */
  poll(now: number): Timer | undefined {
    if (this.#queue.firstDue() > now) return undefined
    const slot = this.#queue.first()
    if (slot === undefined) return undefined
    const timer = this.#at(slot, this.#view).toTimer()
    this.#withdraw(slot)
    return timer
  }

  /** All waiting messages, in no order. */
  *values(): Generator<Timer, void> {
    const view = new TimerRecord(this.#names)
    for (let slot = 0; slot < this.#slots; slot++)
      if (this.#queue.has(slot)) yield this.#at(slot, view).toTimer()
  }

  /** Ends the open epoch. `nextSequence` is the first one of the next. */
  seal(nextSequence: number): SealedTimers {
    const sealed = { added: this.#added, removed: this.#removed }
    this.#openFrom = nextSequence
    this.#added = this.#newAdded()
    this.#removed = new Float64Pieces()
    return sealed
  }

  /** All sealed epochs are encoded: nothing reads their messages any more. */
  encoded(): void {
    this.#pinnedFrom = this.#openFrom
    if (this.#pinned.length === 0) return
    this.#released.push(this.#pinned)
    this.#pinned = new Uint32Pieces()
  }

  /**
   * Finds every message that waits now, was not set in the open epoch, and still waits when the scan comes to it. The job may
   * go on meanwhile. Undefined means that nothing was found for a while. The same view each time; see {@link TimerRecord}.
   */
  scan(): Generator<TimerRecord | undefined, void> {
    return this.#scan(this.#openFrom, this.#slots)
  }

  *#scan(before: number, slots: number): Generator<TimerRecord | undefined, void> {
    const view = new TimerRecord(this.#names)
    let looked = 0
    for (let slot = 0; slot < Math.min(slots, this.#slots); slot++) {
      if (this.#queue.has(slot) && this.#sequences.get(slot) < before) {
        looked = 0
        yield this.#at(slot, view)
      } else if (++looked === SCAN) {
        looked = 0
        yield undefined
      }
    }
  }

  /** Adds or replaces what a checkpoint holds. */
  replayAdded(timer: Timer): void {
    this.#bySequence ??= new SlotIndex((slot) => this.#sequences.get(slot) === this.#wanted)
    this.replayRemoved(timer.sequence)
    const slot = this.#insert(timer, this.#writer.write(timer))
    this.#seek(timer.sequence)
    this.#bySequence.set(this.#hash.high, this.#hash.low, slot)
  }

  /** Removes what a checkpoint says is gone; it may name what is not there. */
  replayRemoved(sequence: number): void {
    if (this.#bySequence === undefined) return
    const { high, low } = this.#seek(sequence)
    const slot = this.#bySequence.find(high, low)
    if (slot === -1) return
    this.#bySequence.delete(high, low, slot)
    this.#unlink(slot)
    this.#release(slot)
  }

  /** The checkpoint was read to its end. */
  replayed(nextSequence: number): void {
    this.#bySequence = undefined
    this.#openFrom = nextSequence
    this.#pinnedFrom = nextSequence
  }

  #newAdded(): AddedTimers {
    const view = new TimerRecord(this.#names)
    const find: FindRecord = (slot, sequence) =>
      slot < this.#slots && this.#sequences.get(slot) === sequence ? this.#at(slot, view) : undefined
    return new AddedTimers(find)
  }

  #seek(sequence: number): KeyHash {
    this.#wanted = sequence
    this.#hash.ofNumber(sequence)
    return this.#hash
  }

  #slotOfToken(senderId: string, token: string): number {
    this.#writer.writeScope(senderId, token)
    this.#hashWrittenScope()
    return this.#byToken.find(this.#hash.high, this.#hash.low)
  }

  #hashWrittenScope(): void {
    const { bytes, scopeStart, scopeEnd } = this.#writer
    this.#hash.ofBytes(bytes, scopeStart, scopeEnd)
  }

  #hasWrittenScope(slot: number): boolean {
    const { bytes, scopeStart, scopeEnd } = this.#writer
    const view = this.#at(slot, this.#view)
    if (view.valueStart - view.scopeStart !== scopeEnd - scopeStart) return false
    for (let i = scopeStart, j = view.scopeStart; i < scopeEnd; i++, j++)
      if (bytes[i] !== view.bytes[j]) return false
    return true
  }

  #at(slot: number, view: TimerRecord): TimerRecord {
    const location = this.#locations.get(slot)
    view.sequence = this.#sequences.get(slot)
    view.point(this.#records.bytesAt(location), this.#records.offsetOf(location))
    return view
  }

  /** Puts the message that was just written everywhere it belongs; returns its slot. */
  #insert({ sequence, due, token }: Timer, size: number): number {
    const slot = this.#takeSlot()
    this.#sequences.set(slot, sequence)
    this.#records.put(this.#writer.bytes, size, slot)
    this.#queue.add(slot, due)
    if (token !== undefined) {
      this.#hashWrittenScope()
      this.#byToken.set(this.#hash.high, this.#hash.low, slot)
    }
    return slot
  }

  #takeSlot(): number {
    this.#usedSlots++
    if (this.#freeSlot === 0) {
      const slot = this.#slots++
      this.#sequences.reserve(this.#slots)
      this.#locations.reserve(this.#slots)
      return slot
    }
    const slot = this.#freeSlot - 1
    this.#freeSlot = this.#locations.get(slot)
    return slot
  }

  /** Takes out a message that is delivered or cancelled. */
  #withdraw(slot: number): void {
    const sequence = this.#sequences.get(slot)
    this.#unlink(slot)
    if (sequence < this.#openFrom) this.#removed.push(sequence)
    else this.#added.bytes -= this.#records.sizeOf(this.#locations.get(slot))
    if (sequence < this.#openFrom && sequence >= this.#pinnedFrom) this.#pinned.push(slot)
    else this.#release(slot)
    this.#releaseSome()
  }

  #unlink(slot: number): void {
    this.#queue.remove(slot)
    const view = this.#at(slot, this.#view)
    if (!view.hasToken) return
    this.#hash.ofBytes(view.bytes, view.scopeStart, view.valueStart)
    // An epoch names what it added before what it removed: the token may be that of a later message by now.
    this.#byToken.delete(this.#hash.high, this.#hash.low, slot)
  }

  #release(slot: number): void {
    this.#records.free(this.#locations.get(slot))
    this.#sequences.set(slot, FREE)
    this.#locations.set(slot, this.#freeSlot)
    this.#freeSlot = slot + 1
    if (--this.#usedSlots > 0) return
    this.#slots = 0
    this.#freeSlot = 0
    this.#queue.clear()
    this.#sequences.truncate(0)
    this.#locations.truncate(0)
  }

  #releaseSome(): void {
    for (let i = 0; i < RELEASE; i++) {
      const slots = this.#released.at(-1)
      if (slots === undefined) return
      this.#release(slots.pop())
      if (slots.length === 0) this.#released.pop()
    }
  }
}
