import type { Address, FunctionResponse, InvocationBatch, StateSpec } from '@statefun/protocol'
import { type MessageNumber, textOf } from '../functions/message-number.ts'
import { demand } from '../violation.ts'
import { DelayedMessages } from './delayed-messages.ts'
import { Mailbox } from './mailbox.ts'
import type { InputRecord } from './prediction.ts'
import { StateValues } from './state-values.ts'

/** What a model has to know of its app. */
export interface ModelSetup {
  readonly egresses: readonly string[]
  readonly specs: readonly StateSpec[]
  /** The latest time that a wall clock has shown, in epoch milliseconds. */
  readonly latest: () => number
}

interface Call {
  readonly batch: readonly { readonly origin: string; readonly number: MessageNumber }[]
  /** True when the answer was that states are missing: it goes out again. */
  repeat: boolean
}

/**
 * The engine as a sequential machine: what it has received, what it must send, keep and emit. It is told what the engine does and
 * says whether that may be.
 */
export class Model {
  /** Records taken, by partition. */
  readonly taken: Map<string, number>
  readonly states: StateValues
  readonly delayed: DelayedMessages
  readonly parked: Set<string>
  /** Records emitted by egress, in order. */
  readonly emitted: ReadonlyMap<string, readonly string[]>
  readonly #mailboxes: Map<string, Mailbox>
  readonly #calls = new Map<string, Call>()
  #waiting: number

  /** @param before what it goes on from */
  constructor({ egresses, specs, latest }: ModelSetup, before?: Model) {
    this.taken = new Map(before?.taken)
    this.states = before?.states.clone() ?? new StateValues(specs, latest)
    this.delayed = before?.delayed.clone() ?? new DelayedMessages()
    this.parked = new Set(before?.parked)
    this.emitted = new Map(egresses.map((egress) => [egress, before?.emitted.get(egress)?.slice() ?? []]))
    this.#mailboxes = new Map()
    for (const [key, mailbox] of before?.mailboxes() ?? []) this.#mailboxes.set(key, mailbox.clone())
    this.#waiting = before?.waiting ?? 0
  }

  mailboxes(): IterableIterator<[string, Mailbox]> {
    return this.#mailboxes.entries()
  }

  /** Messages that are not worked off. */
  get waiting(): number {
    return this.#waiting
  }

  /** The next record of a partition was taken. */
  took(partition: string, { id, number, targets }: InputRecord): void {
    this.taken.set(partition, (this.taken.get(partition) ?? 0) + 1)
    for (const type of targets) this.#deliver(`${type}/${id}`, partition, number)
  }

  /** A call goes out. */
  invoked({ target, invocations, state }: InvocationBatch, now: number): void {
    const key = keyOf(target)
    const batch = invocations.map(({ caller, argument }) => {
      const number = textOf(argument.value)
      return { origin: caller === undefined ? partitionOf(number) : keyOf(caller), number }
    })
    demand(!this.parked.has(key), () => `${key} is parked and was called`)
    const underWay = this.#calls.get(key)
    if (underWay === undefined) {
      const objection =
        this.#mailboxes.get(key)?.objection(batch) ?? (this.#mailboxes.has(key) ? undefined : 'nothing waits')
      demand(objection === undefined, () => `${key} was called: ${objection}`)
      this.#calls.set(key, { batch, repeat: false })
    } else {
      demand(underWay.repeat, () => `${key} was called while a call was under way`)
      underWay.repeat = false
      const same =
        batch.length === underWay.batch.length &&
        batch.every(({ number }, i) => number === underWay.batch[i]!.number)
      demand(same, () => `${key} was called again with other messages`)
    }
    this.states.attached(key, state, now)
  }

  /** What the engine must refuse in an answer (contract 1.4), undefined when nothing. */
  refusal(target: Address, response: FunctionResponse): string | undefined {
    if (response.kind === 'incomplete') return undefined
    const pending = this.delayed.clone()
    for (const delayed of response.delayedInvocations) {
      if (delayed.kind === 'cancel') pending.cancel(target.id, delayed.token)
      else if (delayed.token !== undefined) {
        if (pending.pending(target.id, delayed.token)) return 'SF_DELAY_TOKEN_PENDING'
        pending.add({ due: 0, sender: '', target: '', senderId: target.id, token: delayed.token, number: '' })
      }
    }
    return undefined
  }

  /** A call was answered, and its effects are applied. */
  answered(target: Address, response: FunctionResponse, now: number): void {
    const key = keyOf(target)
    const call = this.#calls.get(key)
    demand(call !== undefined && !call.repeat, () => `${key} was answered without a call`)
    if (response.kind === 'incomplete') {
      call.repeat = true
      return
    }
    for (const { target: to, argument } of response.outgoingMessages) {
      this.#deliver(keyOf(to), key, textOf(argument.value))
    }
    for (const delayed of response.delayedInvocations) {
      if (delayed.kind === 'cancel') this.delayed.cancel(target.id, delayed.token)
      else {
        this.delayed.add({
          due: now + delayed.delayMs,
          sender: key,
          target: keyOf(delayed.target),
          senderId: target.id,
          token: delayed.token,
          number: textOf(delayed.argument.value),
        })
      }
    }
    for (const { egressType, argument } of response.outgoingEgresses) {
      ;(this.emitted.get(egressType) as string[]).push(textOf(argument.value))
    }
    for (const { stateName, value } of response.stateMutations) {
      this.states.changed(key, stateName, value === undefined ? undefined : textOf(value.value), now)
    }
    this.#calls.delete(key)
    this.#workedOff(key, call)
  }

  /** A call used up its budget; its messages wait again. */
  failed(target: Address, parked: boolean): void {
    const key = keyOf(target)
    demand(this.#calls.delete(key), () => `${key} failed without a call`)
    if (parked) this.parked.add(key)
  }

  /** Delayed messages were delivered. */
  fired(count: number, limit: number, now: number): void {
    const due = this.delayed.take(now, limit)
    demand(
      due.length === count,
      () =>
        `${count} delayed messages were delivered at ${now}, due were ${due.length}; the next is due at ${this.delayed.nextDue}`,
    )
    for (const { sender, target, number } of due) this.#deliver(target, sender, number)
  }

  describe(): string {
    const addresses = [...this.#mailboxes.keys()].slice(0, 5).join(', ')
    return (
      `${this.waiting} messages wait (${addresses}), ${this.delayed.size} delayed ones (next ${this.delayed.nextDue}), ` +
      `${this.parked.size} addresses are parked, taken is ${JSON.stringify([...this.taken])}`
    )
  }

  #deliver(key: string, origin: string, number: MessageNumber): void {
    let mailbox = this.#mailboxes.get(key)
    if (mailbox === undefined) {
      mailbox = new Mailbox()
      this.#mailboxes.set(key, mailbox)
    }
    mailbox.push(origin, number)
    this.#waiting++
  }

  #workedOff(key: string, { batch }: Call): void {
    const mailbox = this.#mailboxes.get(key)!
    mailbox.remove(batch)
    if (mailbox.size === 0) this.#mailboxes.delete(key)
    this.#waiting -= batch.length
  }
}

/** `type/id`. */
export function keyOf({ type, id }: Address): string {
  return `${type}/${id}`
}

function partitionOf(number: MessageNumber): string {
  return `in/${number.slice(0, number.indexOf('/'))}`
}
