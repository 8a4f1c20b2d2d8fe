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

  /** State bytes by slot of the function type. */
  value(slot: number): Uint8Array | undefined {
    return slot === 0 ? this.#first : this.#others[slot - 1]
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
    } else {
      const current = this.value(slot)
      if (current?.length === value.length && value.length <= INLINE_BYTES) {
        for (let i = 0; i < value.length; i++) current[i] = value[i]!
      } else {
        this.#store(slot, owned(value))
      }
    }
    if (this.type.expires) this.#stamp(slot, now)
    return true
  }

  /** Puts back a state of a checkpoint; `stamp` 0 is none. */
  restoreValue(slot: number, value: Uint8Array | undefined, stamp: number): void {
    this.#store(slot, value)
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
    for (let slot = 0; slot < this.slots; slot++) bytes += this.value(slot)?.length ?? 0
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
    for (let slot = 0; slot < this.slots; slot++) if (this.value(slot) !== undefined) return false
    return true
  }

  /** An array that grows by itself takes room for sixteen more; instances are many. */
  #store(slot: number, value: Uint8Array | undefined): void {
    this.type.valueBytes += (value?.length ?? 0) - (this.value(slot)?.length ?? 0)
    this.#stored = true
    if (slot === 0) {
      this.#first = value
      return
    }
    if (slot >= this.slots) {
      const others = new Array<Uint8Array | undefined>(this.type.states.length - 1).fill(undefined)
      for (let i = 0; i < this.#others.length; i++) others[i] = this.#others[i]
      this.#others = others
    }
    this.#others[slot - 1] = value
  }

  #stamp(slot: number, now: number): void {
    if (this.stamps === undefined) this.stamps = []
    while (this.stamps.length < slot) this.stamps.push(0)
    this.stamps[slot] = now
  }
}

/** Up to here V8 keeps an array's bytes inside the object, as long as nobody asks for its `buffer`. */
export const INLINE_BYTES = 64

/** Bytes that may be kept: a small view into a large buffer would keep all of it alive. Few bytes are always a copy. */
export function owned(bytes: Uint8Array): Uint8Array {
  if (bytes.length > INLINE_BYTES && bytes.byteLength === bytes.buffer.byteLength) return bytes
  return new Uint8Array(bytes)
}
