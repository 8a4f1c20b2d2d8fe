import type { Address, Invocation } from '@statefun/protocol'

/** A delayed message that waits. */
export interface Timer {
  /** Grows with every delayed message of the job; also the order within one millisecond (contract 5.4). */
  readonly sequence: number
  /** Epoch milliseconds. */
  readonly due: number
  readonly target: Address
  /** `caller` is the sender. */
  readonly invocation: Invocation
  readonly token: string | undefined
  /** The checkpoint epoch that was open when it was set. */
  readonly epoch: number
  cancelled: boolean
}

/** Tokens are scoped to the sender's id, whatever its function type (contract 5.4). */
function tokenKey(senderId: string, token: string): string {
  return `${senderId.length}:${senderId}${token}`
}

/**
 * The pending delayed messages: a binary heap by (due, sequence) beside an index by token.
 *
 * A cancelled timer leaves the index at once and the heap when it surfaces; the heap is rebuilt when more than half of it
 * is cancelled, so that cancelling costs neither a search nor memory.
 */
export class Timers {
  #heap: Timer[] = []
  #cancelled = 0
  readonly #byToken = new Map<string, Timer>()
  readonly #bySequence = new Map<number, Timer>()

  /** Number of messages that will still be delivered. */
  get size(): number {
    return this.#bySequence.size
  }

  /** True when a message with this token of this sender id waits. */
  hasToken(senderId: string, token: string): boolean {
    return this.#byToken.has(tokenKey(senderId, token))
  }

  /** True while this message waits. */
  has(timer: Timer): boolean {
    return this.#bySequence.get(timer.sequence) === timer
  }

  add(timer: Timer): void {
    this.#bySequence.set(timer.sequence, timer)
    if (timer.token !== undefined) this.#byToken.set(tokenKey(senderOf(timer), timer.token), timer)
    this.#push(timer)
  }

  /** Takes back the message with this token; undefined when none waits. */
  cancel(senderId: string, token: string): Timer | undefined {
    const key = tokenKey(senderId, token)
    const timer = this.#byToken.get(key)
    if (timer === undefined) return undefined
    this.#byToken.delete(key)
    this.#drop(timer)
    return timer
  }

  /** Removes by sequence; used while a change log is replayed. */
  remove(sequence: number): void {
    const timer = this.#bySequence.get(sequence)
    if (timer === undefined) return
    if (timer.token !== undefined) {
      const key = tokenKey(senderOf(timer), timer.token)
      // An epoch names what it added before what it removed: the token may be that of a later message by now.
      if (this.#byToken.get(key) === timer) this.#byToken.delete(key)
    }
    this.#drop(timer)
  }

  /** Epoch milliseconds of the earliest message, undefined when none waits. */
  nextDue(): number | undefined {
    this.#dropCancelled()
    return this.#heap[0]?.due
  }

  /** Removes and returns the earliest message that is due at `now`. */
  poll(now: number): Timer | undefined {
    this.#dropCancelled()
    const first = this.#heap[0]
    if (first === undefined || first.due > now) return undefined
    this.#pop()
    this.#bySequence.delete(first.sequence)
    if (first.token !== undefined) this.#byToken.delete(tokenKey(senderOf(first), first.token))
    return first
  }

  /** All waiting messages, in no order. */
  values(): IterableIterator<Timer> {
    return this.#bySequence.values()
  }

  #drop(timer: Timer): void {
    timer.cancelled = true
    this.#bySequence.delete(timer.sequence)
    this.#cancelled++
    if (this.#cancelled > 1024 && this.#cancelled * 2 > this.#heap.length) this.#rebuild()
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.cancelled === true) {
      this.#pop()
      this.#cancelled--
    }
  }

  #rebuild(): void {
    const live = [...this.#bySequence.values()]
    this.#heap = []
    this.#cancelled = 0
    for (const timer of live) this.#push(timer)
  }

  #push(timer: Timer): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(timer)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent]!
      if (!before(timer, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = timer
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    const length = heap.length
    if (length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= length) break
      if (child + 1 < length && before(heap[child + 1]!, heap[child]!)) child++
      const below = heap[child]!
      if (!before(below, last)) break
      heap[at] = below
      at = child
    }
    heap[at] = last
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.sequence < b.sequence)
}

function senderOf(timer: Timer): string {
  return timer.invocation.caller?.id ?? ''
}
