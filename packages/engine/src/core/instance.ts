import type { Address, Invocation } from '@statefun/protocol'
import type { Feed } from './feed.ts'
import type { FunctionType } from './function-type.ts'

const NO_OTHERS: (Uint8Array | undefined)[] = []
const NO_MESSAGES: Invocation[] = []

/**
 * One addressed function instance: mailbox and state.
 *
 * Lists of messages are append-only and are replaced, never emptied, so a checkpoint epoch can hold on to one together
 * with its length. State bytes of more than {@link INLINE_BYTES} are not changed in place either.
 */
export class Instance {
  readonly type: FunctionType
  /** That of its address, within reach: looked at for every message. */
  readonly id: string
  /** State bytes of the function type's first slot: most have no other, and an array would be one more thing to fetch. */
  #first: Uint8Array | undefined = undefined
  /**
   * Those of the first slot if they are no more than {@link FEW_BYTES}, in integers of four bytes each, and how many; -1 when they
   * are not here. An array of few bytes takes 220 bytes of memory, and is three objects to a garbage collector; of instances there
   * are many.
   */
  #fewLength = -1
  #few0 = 0
  #few4 = 0
  #few8 = 0
  /** Those of the others in order, from the second on. */
  #others = NO_OTHERS
  /** Whether it ever had a state. */
  #stored = false
  /** Epoch milliseconds of the last refresh by slot; only for function types with expiring states. */
  stamps: number[] | undefined = undefined
  /** The last epoch that changed a state of it, and where its last change is in that one's {@link EpochChanges}. */
  loggedIn = 0
  loggedAt = 0
  backlog: Invocation[] = NO_MESSAGES
  inFlight: Invocation[] | undefined = undefined
  /** Waits in the ready queue. */
  queued = false
  /** Its states are on their way from a disk; messages wait. */
  loading = false
  /** Calls since somebody looked; 2 is two or more. */
  calls = 0
  /** In memory for the time being, see {@link Spill.instance}. */
  passing = false
  /** 31 bits of its key, where some instances are on disk. */
  hash = 0
  /** Messages at the head of the backlog that go out one by one, because a batch of them failed as a whole. */
  isolate = 0
  /** Gave up by policy `park`: messages are kept, none is sent until redriven. */
  parked = false
  /** Partitions that wait for room in this backlog. */
  waiting: Feed[] | undefined = undefined

  constructor(type: FunctionType, id: string) {
    this.type = type
    this.id = id
  }

  /** A new one each time: instances are many, and it is hardly looked at but during a call. */
  get address(): Address {
    return { namespace: this.type.namespace, type: this.type.name, id: this.id }
  }

  /** How many slots of the function type may have a value. */
  get slots(): number {
    return this.#others.length + 1
  }

  /** State bytes by slot of the function type; of few bytes it may be a copy. */
  value(slot: number): Uint8Array | undefined {
    if (slot !== 0) return this.#others[slot - 1]
    if (this.#fewLength === -1) return this.#first
    const bytes = new Uint8Array(this.#fewLength)
    this.#copyFew(bytes, 0)
    return bytes
  }

  /** How many state bytes there are by slot of the function type, -1 for no value. */
  valueLength(slot: number): number {
    if (slot === 0 && this.#fewLength !== -1) return this.#fewLength
    return (slot === 0 ? this.#first : this.#others[slot - 1])?.length ?? -1
  }

  /** Writes state bytes by slot of the function type, which has a value; few bytes one by one, which beats a call. */
  copyValue(slot: number, into: Uint8Array, at: number): void {
    if (slot === 0 && this.#fewLength !== -1) {
      this.#copyFew(into, at)
      return
    }
    const value = (slot === 0 ? this.#first : this.#others[slot - 1])!
    if (value.length > INLINE_BYTES) into.set(value, at)
    else for (let i = 0; i < value.length; i++) into[at + i] = value[i]!
  }

  /** Appends a message. */
  enqueue(invocation: Invocation): void {
    if (this.backlog === NO_MESSAGES) this.backlog = [invocation]
    else this.backlog.push(invocation)
  }

  /** Takes what goes out next: the whole backlog, or one message while a failed batch is being taken apart. */
  takeBatch(): Invocation[] {
    if (this.calls < 2) this.calls++
    if (this.isolate > 0) {
      this.isolate--
      const head = this.backlog[0]!
      this.backlog = this.backlog.length === 1 ? NO_MESSAGES : this.backlog.slice(1)
      return [head]
    }
    const batch = this.backlog
    this.backlog = NO_MESSAGES
    return batch
  }

  /** Puts messages back in front of the backlog. */
  putBack(messages: readonly Invocation[]): void {
    this.backlog = [...messages, ...this.backlog]
  }

  /**
   * Changes a state to a copy of `value`; false when there was nothing to remove.
   *
   * Few bytes of the same length are overwritten. A state that is replaced instead outlives the young generation, and its
   * predecessor is garbage of the old one: with many instances that is most of the collector's work.
   */
  setValue(slot: number, value: Uint8Array | undefined, now: number): boolean {
    if (value === undefined) {
      if (!this.#stored) return false
      this.#store(slot, undefined)
    } else if (slot === 0 && value.length <= FEW_BYTES) {
      this.#storeFew(value, 0, value.length)
    } else {
      const current = slot === 0 ? this.#first : this.#others[slot - 1]
      if (current?.length === value.length && value.length <= INLINE_BYTES) {
        for (let i = 0; i < value.length; i++) current[i] = value[i]!
      } else {
        this.#store(slot, owned(value))
      }
    }
    if (this.type.expires) this.#stamp(slot, now)
    return true
  }

  /** Puts back a state of a checkpoint, a copy of a part of `from`; `stamp` 0 is none. */
  restoreValue(slot: number, from: Uint8Array, start: number, end: number, stamp: number): void {
    const length = end - start
    if (slot === 0 && length <= FEW_BYTES) {
      this.#storeFew(from, start, end)
    } else {
      // Most replace what is as long. Nothing else refers to it yet, and what is overwritten is no garbage.
      const current = slot === 0 ? this.#first : this.#others[slot - 1]
      const value = current?.length === length ? current : new Uint8Array(length)
      if (length > INLINE_BYTES) value.set(from.subarray(start, end))
      else for (let i = 0; i < length; i++) value[i] = from[start + i]!
      if (value !== current) this.#store(slot, value)
    }
    if (stamp !== 0 || this.stamps !== undefined) this.#stamp(slot, stamp)
  }

  /** Takes a state away, as a checkpoint says; `stamp` 0 is none. */
  restoreRemoval(slot: number, stamp: number): void {
    this.#store(slot, undefined)
    if (stamp !== 0 || this.stamps !== undefined) this.#stamp(slot, stamp)
  }

  /** When a state was refreshed last; one that was written before it had an expiration counts from the restore on. */
  stamp(slot: number): number {
    return this.stamps?.[slot] || this.type.restoredAt
  }

  /** Refreshes the time stamp of a state without changing it. */
  touch(slot: number, now: number): void {
    this.#stamp(slot, now)
  }

  /** Drops a state that expired; nothing is logged, because its time stamp says the same after a restore. */
  expire(slot: number): void {
    this.#store(slot, undefined)
  }

  /** Bytes of all its states. */
  get valueBytes(): number {
    let bytes = 0
    for (let slot = 0; slot < this.slots; slot++) bytes += Math.max(0, this.valueLength(slot))
    return bytes
  }

  /** True when nothing of it but its states would be lost by forgetting the instance. */
  get evictable(): boolean {
    return (
      this.inFlight === undefined &&
      !this.queued &&
      !this.loading &&
      !this.parked &&
      this.backlog.length === 0 &&
      this.waiting === undefined
    )
  }

  /** True when nothing would be lost by forgetting the instance. */
  get disposable(): boolean {
    if (this.inFlight !== undefined || this.queued || this.parked || this.backlog.length > 0) return false
    if (this.loading) return false
    for (let slot = 0; slot < this.slots; slot++) if (this.valueLength(slot) !== -1) return false
    return true
  }

  /** An array that grows by itself takes room for sixteen more; instances are many. */
  #store(slot: number, value: Uint8Array | undefined): void {
    this.type.valueBytes += (value?.length ?? 0) - Math.max(0, this.valueLength(slot))
    this.#stored = true
    if (slot === 0) {
      this.#first = value
      this.#fewLength = -1
      return
    }
    if (slot >= this.slots) {
      const others = new Array<Uint8Array | undefined>(this.type.states.length - 1).fill(undefined)
      for (let i = 0; i < this.#others.length; i++) others[i] = this.#others[i]
      this.#others = others
    }
    this.#others[slot - 1] = value
  }

  #storeFew(from: Uint8Array, start: number, end: number): void {
    const length = end - start
    if (this.#fewLength !== length) {
      this.#store(0, undefined)
      this.#fewLength = length
      this.type.valueBytes += length
    }
    this.#few0 = fourBytes(from, start, end)
    this.#few4 = length > 4 ? fourBytes(from, start + 4, end) : 0
    this.#few8 = length > 8 ? fourBytes(from, start + 8, end) : 0
  }

  #copyFew(into: Uint8Array, at: number): void {
    const length = this.#fewLength
    for (let i = 0; i < length; i++) {
      const four = i < 4 ? this.#few0 : i < 8 ? this.#few4 : this.#few8
      into[at + i] = four >>> (8 * (i & 3))
    }
  }

  #stamp(slot: number, now: number): void {
    if (this.stamps === undefined) this.stamps = []
    while (this.stamps.length < slot) this.stamps.push(0)
    this.stamps[slot] = now
  }
}

/** Up to here the bytes of a first state are no object of their own: those of the built-in types for numbers have five or nine. */
export const FEW_BYTES = 12

/** The next four bytes, or as many as there are. */
function fourBytes(from: Uint8Array, start: number, end: number): number {
  let four = 0
  for (let i = start; i < start + 4 && i < end; i++) four |= from[i]! << (8 * (i - start))
  return four
}

/** Up to here V8 keeps an array's bytes inside the object, as long as nobody asks for its `buffer`. */
export const INLINE_BYTES = 64

/** Bytes that may be kept: a small view into a large buffer would keep all of it alive. Few bytes are always a copy. */
export function owned(bytes: Uint8Array): Uint8Array {
  if (bytes.length > INLINE_BYTES && bytes.byteLength === bytes.buffer.byteLength) return bytes
  return new Uint8Array(bytes)
}
