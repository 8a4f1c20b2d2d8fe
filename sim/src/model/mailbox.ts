import { kindOf, type MessageNumber } from '../functions/message-number.ts'

/** The messages of one address that wait or are being worked on, by where they come from: only there order is promised. */
export class Mailbox {
  readonly #queues: Map<string, readonly MessageNumber[]>
  size: number

  constructor(queues: Map<string, readonly MessageNumber[]> = new Map(), size = 0) {
    this.#queues = queues
    this.size = size
  }

  /** @param origin a partition or a sender */
  push(origin: string, number: MessageNumber): void {
    const key = queueOf(origin, number)
    this.#queues.set(key, [...(this.#queues.get(key) ?? []), number])
    this.size++
  }

  /** What is wrong with a batch of messages as the next one; undefined when nothing is. */
  objection(
    batch: readonly { readonly origin: string; readonly number: MessageNumber }[],
  ): string | undefined {
    const taken = new Map<string, number>()
    for (const { origin, number } of batch) {
      const key = queueOf(origin, number)
      const at = taken.get(key) ?? 0
      taken.set(key, at + 1)
      const expected = this.#queues.get(key)?.[at]
      if (expected !== number) return `message ${number} from ${key}, expected ${expected ?? 'none'}`
    }
    return undefined
  }

  /** Removes a batch that is worked off. */
  remove(batch: readonly { readonly origin: string; readonly number: MessageNumber }[]): void {
    for (const { origin, number } of batch) {
      const key = queueOf(origin, number)
      const rest = this.#queues.get(key)!.slice(1)
      if (rest.length === 0) this.#queues.delete(key)
      else this.#queues.set(key, rest)
    }
    this.size -= batch.length
  }

  clone(): Mailbox {
    return new Mailbox(new Map(this.#queues), this.size)
  }
}

/** Delayed messages keep order among themselves, as they come due; those sent at once do, too. */
function queueOf(origin: string, number: MessageNumber): string {
  const kind = kindOf(number)
  return kind === 'delayed' || kind === 'token' ? `${origin} delayed` : origin
}
