import { StatefunError, type TypedValue } from '@statefun/protocol'
import type { SinkListener } from '../../connector/sink.ts'
import type { Marker, Publisher, TransactionalSink } from '../../connector/transactional-sink.ts'

/** One transaction that was committed. */
export interface Transaction {
  readonly epoch: number
  readonly texts: readonly string[]
}

/** What outlives the engines of a test: the committed transactions and the marker. */
export class StubTarget {
  marker: Marker | undefined
  readonly transactions: Transaction[] = []

  /** All records that readers see, in order. */
  get texts(): string[] {
    return this.transactions.flatMap(({ texts }) => texts)
  }
}

/** An exactly-once egress over a {@link StubTarget}; every publication can be held back or made to fail by a test. */
export class StubTransactionalSink implements TransactionalSink {
  readonly id: string
  readonly maxPendingBytes: number
  readonly target: StubTarget
  publishing: ((epoch: number) => Promise<void> | undefined) | undefined
  listener: SinkListener | undefined
  stops = 0
  #publisher: Publisher | undefined

  constructor(target = new StubTarget(), id = 'test/once', maxPendingBytes = 1000) {
    this.target = target
    this.id = id
    this.maxPendingBytes = maxPendingBytes
  }

  async open(
    publisher: Publisher,
    listener: SinkListener,
    accept?: (marker: Marker | undefined) => void,
  ): Promise<Marker | undefined> {
    this.#publisher = publisher
    this.listener = listener
    accept?.(this.target.marker)
    return this.target.marker
  }

  check({ typename }: TypedValue): void {
    if (typename !== 'test/text') throw new StatefunError('SF_EGRESS_TYPE', `not of type ${typename}`)
  }

  async publish(epoch: number, values: Iterable<Uint8Array>): Promise<void> {
    await this.publishing?.(epoch)
    // As late as that of a sink that begins again: until it has settled they must be what they were.
    const texts = [...values].map((value) => Buffer.from(value).toString())
    this.target.transactions.push({ epoch, texts })
    this.target.marker = { ...this.#publisher!, epoch }
  }

  async stop(): Promise<void> {
    this.stops++
  }
}
