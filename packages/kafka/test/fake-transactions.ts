import type { Marker } from '@statefun/engine'
import {
  SessionError,
  type SessionTrouble,
  type TransactionSession,
} from '../src/transaction/transaction-session.ts'

/** The methods of a session that talk to a broker. */
export type SessionCall = 'init' | 'readMarker' | 'send' | 'mark' | 'end'

/** A call that goes wrong; with `took` the broker did what was asked and only the answer is lost. */
export interface Fault {
  readonly trouble: SessionTrouble | Error
  readonly took?: boolean
}

interface Transaction {
  readonly values: string[]
  marker: Marker | undefined
}

/** A broker that keeps transactions of one transactional id as Kafka does, in memory. */
export class FakeTransactions {
  /** What a read_committed consumer sees. */
  readonly visible: string[] = []
  marker: Marker | undefined
  producerEpoch = -1
  #open: Transaction | undefined

  /** Ends the open transaction as the broker does after the transaction timeout. */
  timeOut(): void {
    this.producerEpoch++
    this.#open = undefined
  }

  init(): number {
    this.#open = undefined
    return ++this.producerEpoch
  }

  write(producerEpoch: number, change: (transaction: Transaction) => void): void {
    this.#check(producerEpoch)
    this.#open ??= { values: [], marker: undefined }
    change(this.#open)
  }

  commit(producerEpoch: number): void {
    this.#check(producerEpoch)
    if (this.#open === undefined) throw new SessionError('broken', 'no transaction is open')
    this.visible.push(...this.#open.values)
    this.marker = this.#open.marker ?? this.marker
    this.#open = undefined
  }

  #check(producerEpoch: number): void {
    if (producerEpoch !== this.producerEpoch) throw new SessionError('fenced', 'PRODUCER_FENCED')
  }
}

/** A session with {@link FakeTransactions}; faults are given by call and how many of that call went before. */
export class FakeSession implements TransactionSession {
  readonly calls: string[] = []
  readonly faults = new Map<string, Fault>()
  /** Runs before a call of this name; for what others do meanwhile. */
  before: (call: SessionCall, nth: number) => void | Promise<void> = () => {}
  closed = false
  readonly #broker: FakeTransactions
  readonly #counts = new Map<SessionCall, number>()
  #producerEpoch = -1

  constructor(broker: FakeTransactions) {
    this.#broker = broker
  }

  init(): Promise<void> {
    return this.#call('init', () => {
      this.#producerEpoch = this.#broker.init()
    })
  }

  readMarker(stable: boolean): Promise<Marker | undefined> {
    return this.#call('readMarker', () => this.#broker.marker, stable ? 'stable' : 'now')
  }

  send(values: Iterable<Uint8Array>): Promise<void> {
    return this.#call('send', () =>
      this.#broker.write(this.#producerEpoch, (transaction) => {
        for (const value of values) transaction.values.push(Buffer.from(value).toString())
      }),
    )
  }

  mark(marker: Marker): Promise<void> {
    return this.#call('mark', () =>
      this.#broker.write(this.#producerEpoch, (transaction) => {
        transaction.marker = marker
      }),
    )
  }

  end(): Promise<void> {
    return this.#call('end', () => this.#broker.commit(this.#producerEpoch))
  }

  reset(): void {
    this.calls.push('reset')
  }

  async close(): Promise<void> {
    this.closed = true
  }

  async #call<T>(name: SessionCall, effect: () => T, detail?: string): Promise<T> {
    const nth = this.#counts.get(name) ?? 0
    this.#counts.set(name, nth + 1)
    this.calls.push(detail === undefined ? name : `${name} ${detail}`)
    await this.before(name, nth)
    const fault = this.faults.get(`${name} ${nth}`)
    if (fault !== undefined && fault.took !== true) throw errorOf(fault)
    const result = effect()
    if (fault !== undefined) throw errorOf(fault)
    return result
  }
}

function errorOf({ trouble }: Fault): Error {
  return trouble instanceof Error ? trouble : new SessionError(trouble, `${trouble} on purpose`)
}
