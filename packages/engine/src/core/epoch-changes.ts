import type { FunctionType, StateSlot } from './function-type.ts'
import { INLINE_BYTES, type Instance } from './instance.ts'

/** A state of a function type, by its number in {@link EpochChanges}. */
export interface ChangedState {
  readonly type: FunctionType
  readonly state: StateSlot
}

/** A change is so many numbers of {@link EpochChanges}: */
const WORDS = 6
/** which state of which function type, or {@link SUPERSEDED}; */
const STATE = 0
/** the change before of the same instance, by its first word, or {@link NONE}; */
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

const FIRST_CHANGES = 256
const FIRST_BYTES = 8 * 1024

/**
 * The states that one epoch changed, as they were at its cut, in order of their first change.
 *
 * A change is written down at once, while the processor has the instance at hand: to gather instances and walk them once more
 * at the cut is to fetch all of them from memory again, and the list itself is garbage that only a full collection frees. So a
 * cut costs the same however much has changed.
 *
 * Another change of the same state overwrites the one before. One that has no room for it is superseded, at most twice in an
 * epoch, so a state that changes all the time takes hardly more than one that changes once.
 */
export class EpochChanges {
  readonly #states: ChangedState[]
  #words = new Int32Array(FIRST_CHANGES * WORDS)
  /** Epoch milliseconds by change, 0 for none. */
  #stamps = new Float64Array(FIRST_CHANGES)
  /** Ids in UTF-8 and short values. */
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #at = 0
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
    return this.length * (WORDS * 4 + 8) + this.#at + this.#longBytes
  }

  /** Writes down what a state of an instance is now; `epoch` is the one whose changes these are. */
  put(instance: Instance, slot: number, epoch: number): void {
    const state = instance.type.states[slot]!
    if (state.number === -1) state.number = this.#states.push({ type: instance.type, state }) - 1
    const length = instance.valueLength(slot)
    const stamp = instance.stamps?.[slot] ?? 0
    const before = instance.loggedIn === epoch ? instance.loggedAt : NONE
    let room = length === REMOVED || length > INLINE_BYTES ? 0 : length
    for (let at = before; at !== NONE; at = this.#words[at + BEFORE]!) {
      if (this.#words[at + STATE] !== state.number) continue
      if (this.#overwrite(at, instance, slot, length)) {
        this.#stamps[at / WORDS] = stamp
        return
      }
      this.#words[at + STATE] = SUPERSEDED
      room = INLINE_BYTES
      break
    }
    instance.loggedAt = this.#append(state.number, before, instance, slot, length, room, stamp)
    instance.loggedIn = epoch
  }

  /** The state that a change is of; undefined when a later one supersedes it. */
  stateOf(change: number): ChangedState | undefined {
    const number = this.#words[change * WORDS + STATE]!
    return number === SUPERSEDED ? undefined : this.#states[number]
  }

  /** Epoch milliseconds of the last refresh, 0 for none. */
  stampOf(change: number): number {
    return this.#stamps[change]!
  }

  /** What {@link idStart}, {@link idEnd} and {@link valueEnd} refer to. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** Of the id, in UTF-8. */
  idStart(change: number): number {
    return this.#words[change * WORDS + ID]!
  }

  /** Also where a short value begins. */
  idEnd(change: number): number {
    return this.#words[change * WORDS + VALUE]!
  }

  /** The end of a short value, -1 for a state that was removed. */
  valueEnd(change: number): number {
    const length = this.#words[change * WORDS + LENGTH]!
    return length === REMOVED ? -1 : this.#words[change * WORDS + VALUE]! + length
  }

  /** A long value; undefined for a short one and for a state that was removed. */
  longValue(change: number): Uint8Array | undefined {
    const at = change * WORDS
    const room = this.#words[at + ROOM]!
    return room >= 0 || this.#words[at + LENGTH] === REMOVED ? undefined : this.#long[-room - 1]
  }

  /** Forgets everything, and uses its memory for the changes of another epoch unless it is far more than it needed. */
  reset(): void {
    if (this.#words.length > Math.max(FIRST_CHANGES, this.length * 4) * WORDS) {
      this.#words = new Int32Array(Math.max(FIRST_CHANGES, this.length) * WORDS)
      this.#stamps = new Float64Array(this.#words.length / WORDS)
    }
    if (this.#bytes.length > Math.max(FIRST_BYTES, this.#at * 4))
      this.#bytes = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, this.#at))
    this.#at = 0
    this.#long = []
    this.#longBytes = 0
    this.length = 0
  }

  /** False, with nothing done, when there is no room. */
  #overwrite(at: number, instance: Instance, slot: number, length: number): boolean {
    const room = this.#words[at + ROOM]!
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
      instance.copyValue(slot, this.#bytes, this.#words[at + VALUE]!)
    }
    this.#words[at + LENGTH] = length
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
    const at = change * WORDS
    if (at === this.#words.length) this.#growWords()
    const longest = id.length * 3 + INLINE_BYTES
    if (this.#at + longest > this.#bytes.length) this.#growBytes(longest)
    const start = this.#at
    const end = this.#putId(id, start)
    const words = this.#words
    words[at + STATE] = state
    words[at + BEFORE] = before
    words[at + ID] = start
    words[at + VALUE] = end
    words[at + LENGTH] = length
    this.#stamps[change] = stamp
    if (length > INLINE_BYTES) {
      words[at + ROOM] = -1 - this.#long.length
      this.#keep(this.#long.length, instance.value(slot)!)
      this.#at = end
    } else {
      words[at + ROOM] = room
      if (length !== REMOVED) instance.copyValue(slot, this.#bytes, end)
      this.#at = end + room
    }
    return at
  }

  #keep(place: number, value: Uint8Array): void {
    this.#longBytes += value.length - (this.#long[place]?.length ?? 0)
    this.#long[place] = value
  }

  /** @returns its end */
  #putId(id: string, start: number): number {
    const bytes = this.#bytes
    for (let i = 0; i < id.length; i++) {
      const unit = id.charCodeAt(i)
      if (unit >= 0x80) return start + bytes.write(id, start, 'utf8')
      bytes[start + i] = unit
    }
    return start + id.length
  }

  #growWords(): void {
    const words = new Int32Array(this.#words.length * 2)
    words.set(this.#words)
    this.#words = words
    const stamps = new Float64Array(this.#stamps.length * 2)
    stamps.set(this.#stamps)
    this.#stamps = stamps
  }

  #growBytes(room: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + room))
    this.#bytes.copy(bytes, 0, 0, this.#at)
    this.#bytes = bytes
  }
}
