import type { MessageNumber } from '../functions/message-number.ts'

/** A delayed message that waits. */
export interface Delayed {
  readonly due: number
  readonly sequence: number
  /** `type/id` of sender and receiver. */
  readonly sender: string
  readonly target: string
  readonly senderId: string
  readonly token: string | undefined
  readonly number: MessageNumber
}

/** The delayed messages of contract 5.4, in order of delivery. */
export class DelayedMessages {
  #waiting: readonly Delayed[]
  #sequence: number

  constructor(waiting: readonly Delayed[] = [], sequence = 0) {
    this.#waiting = waiting
    this.#sequence = sequence
  }

  get size(): number {
    return this.#waiting.length
  }

  /** Epoch milliseconds of the next one. */
  get nextDue(): number | undefined {
    return this.#waiting[0]?.due
  }

  pending(senderId: string, token: string): boolean {
    return this.#waiting.some((delayed) => delayed.token === token && delayed.senderId === senderId)
  }

  add(message: Omit<Delayed, 'sequence'>): void {
    const waiting = [...this.#waiting]
    let at = waiting.length
    while (at > 0 && waiting[at - 1]!.due > message.due) at--
    waiting.splice(at, 0, { ...message, sequence: this.#sequence++ })
    this.#waiting = waiting
  }

  cancel(senderId: string, token: string): void {
    this.#waiting = this.#waiting.filter(
      (delayed) => delayed.token !== token || delayed.senderId !== senderId,
    )
  }

  /** Takes those that are due, at most `limit`. */
  take(now: number, limit: number): readonly Delayed[] {
    let count = 0
    while (count < limit && count < this.#waiting.length && this.#waiting[count]!.due <= now) count++
    const due = this.#waiting.slice(0, count)
    if (count > 0) this.#waiting = this.#waiting.slice(count)
    return due
  }

  clone(): DelayedMessages {
    return new DelayedMessages(this.#waiting, this.#sequence)
  }
}
