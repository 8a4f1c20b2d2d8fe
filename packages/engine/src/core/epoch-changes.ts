import type { FunctionType, StateSlot } from './function-type.ts'
import { INLINE_BYTES, type Instance } from './instance.ts'

/** A state of a function type, by its number in {@link EpochChanges}. */
export interface ChangedState {
  readonly type: FunctionType
  readonly state: StateSlot
}

/** A change is so many numbers of a {@link Block}: */
const WORDS = 6
/** which state of which function type, or {@link SUPERSEDED}; */
const STATE = 0
/** the change before of the same instance, or {@link NONE}; */
const BEFORE = 1
/** where the bytes of its id begin; */
const ID = 2
/** where the id ends and the bytes of the value begin; */
const VALUE = 3
/** how many bytes the value has, or {@link REMOVED}; */
const LENGTH = 4
/** how many there is room for, or minus 1 and the place of a value that is kept by reference. */
const ROOM = 5

const NONE = -1
const SUPERSEDED = -1
const REMOVED = -1

/** A block has 2048 changes: the number of one is that of its block and its place there. */
const SHIFT = 11
const PLACE = (1 << SHIFT) - 1
const FIRST_BYTES = 8 * 1024

/** Some changes that follow each other. */
class Block {
  readonly words = new Int32Array((1 << SHIFT) * WORDS)
  /** Epoch milliseconds by change, 0 for none. */
  readonly stamps = new Float64Array(1 << SHIFT)
  /** Ids in UTF-8 and short values. */
  bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  used = 0

  reset(): void {
    if (this.bytes.length > Math.max(FIRST_BYTES, this.used * 4))
      this.bytes = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, this.used))
    this.used = 0
  }

  makeRoom(bytes: number): void {
    if (this.used + bytes <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.used + bytes))
    this.bytes.copy(larger, 0, 0, this.used)
    this.bytes = larger
  }

  /** @returns its end */
  putId(id: string, start: number): number {
    const { bytes } = this
    for (let i = 0; i < id.length; i++) {
      const unit = id.charCodeAt(i)
      if (unit >= 0x80) return start + bytes.write(id, start, 'utf8')
      bytes[start + i] = unit
    }
    return start + id.length
  }
}

/**
 * The states that one epoch changed, as they were at its cut, in order of their first change.
 *
 * A change is written down at once, while the processor has the instance at hand: to gather instances and walk them once more
 * at the cut is to fetch all of them from memory again, and the list itself is garbage that only a full collection frees. So a
 * cut costs the same however much has changed. Nor does an epoch that grows while a disk is slow ever copy what it holds.
 *
 * Another change of the same state overwrites the one before. One that has no room for it is superseded, at most twice in an
 * epoch, so a state that changes all the time takes hardly more than one that changes once.
 */
export class EpochChanges {
  readonly #states: ChangedState[]
  readonly #blocks = [new Block()]
  #bytes = 0
  #long: Uint8Array[] = []
  #longBytes = 0
  /** Changes, those that are superseded included. */
  length = 0

  /** @param states by number; grows when a state changes for the first time, all epochs of a job share it */
  constructor(states: ChangedState[]) {
    this.#states = states
  }

  /** Estimated memory of what was written down. */
  get size(): number {
    return this.length * (WORDS * 4 + 8) + this.#bytes + this.#longBytes
  }

  /** Writes down what a state of an instance is now; `epoch` is the one whose changes these are. */
  put(instance: Instance, slot: number, epoch: number): void {
    const state = instance.type.states[slot]!
    if (state.number === -1) state.number = this.#states.push({ type: instance.type, state }) - 1
    const length = instance.valueLength(slot)
    const stamp = instance.stamps?.[slot] ?? 0
    const before = instance.loggedIn === epoch ? instance.loggedAt : NONE
    let room = length === REMOVED || length > INLINE_BYTES ? 0 : length
    for (let change = before; change !== NONE; ) {
      const block = this.#blocks[change >> SHIFT]!
      const at = (change & PLACE) * WORDS
      if (block.words[at + STATE] !== state.number) {
        change = block.words[at + BEFORE]!
        continue
      }
      if (this.#overwrite(block, at, instance, slot, length)) {
        block.stamps[change & PLACE] = stamp
        return
      }
      block.words[at + STATE] = SUPERSEDED
      room = INLINE_BYTES
      break
    }
    instance.loggedAt = this.#append(state.number, before, instance, slot, length, room, stamp)
    instance.loggedIn = epoch
  }

  /** The state that a change is of; undefined when a later one supersedes it. */
  stateOf(change: number): ChangedState | undefined {
    const number = this.#word(change, STATE)
    return number === SUPERSEDED ? undefined : this.#states[number]
  }

  /** Epoch milliseconds of the last refresh, 0 for none. */
  stampOf(change: number): number {
    return this.#blocks[change >> SHIFT]!.stamps[change & PLACE]!
  }

  /** What {@link idStart}, {@link idEnd} and {@link valueEnd} of the change refer to. */
  bytesOf(change: number): Buffer {
    return this.#blocks[change >> SHIFT]!.bytes
  }

  /** Of the id, in UTF-8. */
  idStart(change: number): number {
    return this.#word(change, ID)
  }

  /** Also where a short value begins. */
  idEnd(change: number): number {
    return this.#word(change, VALUE)
  }

  /** The end of a short value, -1 for a state that was removed. */
  valueEnd(change: number): number {
    const length = this.#word(change, LENGTH)
    return length === REMOVED ? -1 : this.#word(change, VALUE) + length
  }

  /** A long value; undefined for a short one and for a state that was removed. */
  longValue(change: number): Uint8Array | undefined {
    const room = this.#word(change, ROOM)
    return room >= 0 || this.#word(change, LENGTH) === REMOVED ? undefined : this.#long[-room - 1]
  }

  /** Forgets everything, and uses its memory for the changes of another epoch unless it is far more than it needed. */
  reset(): void {
    const needed = Math.max(1, 4 * Math.ceil(this.length / (1 << SHIFT)))
    if (this.#blocks.length > needed) this.#blocks.length = needed
    for (const block of this.#blocks) block.reset()
    this.#bytes = 0
    this.#long = []
    this.#longBytes = 0
    this.length = 0
  }

  #word(change: number, word: number): number {
    return this.#blocks[change >> SHIFT]!.words[(change & PLACE) * WORDS + word]!
  }

  /** False, with nothing done, when there is no room. */
  #overwrite(block: Block, at: number, instance: Instance, slot: number, length: number): boolean {
    const { words } = block
    const room = words[at + ROOM]!
    if (room < 0) {
      // A short value of an instance may change in place, which a long one never does.
      if (length > INLINE_BYTES) this.#keep(-room - 1, instance.value(slot)!)
      else if (length !== REMOVED) {
        const copy = new Uint8Array(length)
        instance.copyValue(slot, copy, 0)
        this.#keep(-room - 1, copy)
      }
    } else if (length !== REMOVED) {
      if (length > room) return false
      instance.copyValue(slot, block.bytes, words[at + VALUE]!)
    }
    words[at + LENGTH] = length
    return true
  }

  #append(
    state: number,
    before: number,
    instance: Instance,
    slot: number,
    length: number,
    room: number,
    stamp: number,
  ): number {
    const { id } = instance
    const change = this.length++
    if (change >> SHIFT === this.#blocks.length) this.#blocks.push(new Block())
    const block = this.#blocks[change >> SHIFT]!
    block.makeRoom(id.length * 3 + INLINE_BYTES)
    const start = block.used
    const end = block.putId(id, start)
    const { words } = block
    const at = (change & PLACE) * WORDS
    words[at + STATE] = state
    words[at + BEFORE] = before
    words[at + ID] = start
    words[at + VALUE] = end
    words[at + LENGTH] = length
    block.stamps[change & PLACE] = stamp
    if (length > INLINE_BYTES) {
      words[at + ROOM] = -1 - this.#long.length
      this.#keep(this.#long.length, instance.value(slot)!)
      block.used = end
    } else {
      words[at + ROOM] = room
      if (length !== REMOVED) instance.copyValue(slot, block.bytes, end)
      block.used = end + room
    }
    this.#bytes += block.used - start
    return change
  }

  #keep(place: number, value: Uint8Array): void {
    this.#longBytes += value.length - (this.#long[place]?.length ?? 0)
    this.#long[place] = value
  }
}
