import type { TransportClock } from './transport-clock.ts'

/** One waiting entry of a {@link DeadlineQueue}. */
export interface Deadline {
  readonly cancelled: boolean
  cancel(): void
}

/**
 * Timeouts of one length for many things at once: whoever came first is due first, so a linked list and one timer are
 * enough. Adding and cancelling cost no timer, which matters at tens of thousands of calls per second.
 */
export class DeadlineQueue<T> {
  readonly #durationMs: number
  readonly #clock: TransportClock
  readonly #expire: (item: T) => void
  #head: Entry<T> | undefined
  #tail: Entry<T> | undefined
  #disarm: (() => void) | undefined

  constructor(durationMs: number, clock: TransportClock, expire: (item: T) => void) {
    this.#durationMs = durationMs
    this.#clock = clock
    this.#expire = expire
  }

  /** `item` expires `durationMs` after `nowMs`; calls must come with a `nowMs` that never goes back. */
  add(item: T, nowMs: number): Deadline {
    const entry = new Entry(item, nowMs + this.#durationMs, this.#tail, this.#remove)
    if (this.#tail === undefined) this.#head = entry
    else this.#tail.next = entry
    this.#tail = entry
    if (this.#disarm === undefined) this.#disarm = this.#clock.after(this.#durationMs, this.#fire)
    return entry
  }

  /** Forgets all entries and the timer. */
  clear(): void {
    for (let entry = this.#head; entry !== undefined; entry = entry.next) entry.cancelled = true
    this.#head = undefined
    this.#tail = undefined
    this.#disarm?.()
    this.#disarm = undefined
  }

  /**
   * The timer outlives the entry that armed it and is re-armed for the oldest one left, at most once per duration; with
   * nothing left it goes, so that it keeps no process alive for longer than one duration after the last call.
   */
  readonly #fire = (): void => {
    this.#disarm = undefined
    const now = this.#clock.now()
    for (let head = this.#head; head !== undefined && head.dueMs <= now; head = this.#head) {
      head.cancel()
      this.#expire(head.item)
    }
    if (this.#head !== undefined && this.#disarm === undefined) {
      this.#disarm = this.#clock.after(Math.max(this.#head.dueMs - now, MIN_REARM_MS), this.#fire)
    }
  }

  readonly #remove = (entry: Entry<T>): void => {
    if (entry.previous === undefined) this.#head = entry.next
    else entry.previous.next = entry.next
    if (entry.next === undefined) this.#tail = entry.previous
    else entry.next.previous = entry.previous
  }
}

class Entry<T> implements Deadline {
  readonly item: T
  readonly dueMs: number
  previous: Entry<T> | undefined
  next: Entry<T> | undefined
  cancelled = false
  readonly #remove: (entry: Entry<T>) => void

  constructor(item: T, dueMs: number, previous: Entry<T> | undefined, remove: (entry: Entry<T>) => void) {
    this.item = item
    this.dueMs = dueMs
    this.previous = previous
    this.#remove = remove
  }

  cancel(): void {
    if (this.cancelled) return
    this.cancelled = true
    this.#remove(this)
  }
}

/** Timers of Node may fire a fraction of a millisecond early; without a floor that would spin. */
const MIN_REARM_MS = 0.5
