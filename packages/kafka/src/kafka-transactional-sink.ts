import {
  type ConnectorContext,
  type KafkaEgressDefinition,
  type Marker,
  Outage,
  type Publisher,
  type SinkListener,
  systemClock,
  type TransactionalSink,
} from '@statefun/engine'
import { StatefunError, type TypedValue } from '@statefun/protocol'
import { EgressRecords } from './egress-records.ts'
import { readProducerProperties } from './properties/producer-properties.ts'
import { KafkaTransactionSession } from './transaction/kafka-transaction-session.ts'
import { timedOutReport } from './transaction/timed-out.ts'
import { TransactionDriver } from './transaction/transaction-driver.ts'

/** A Kafka egress whose `deliverySemantic` is exactly-once. */
export type ExactlyOnceEgress = KafkaEgressDefinition & {
  readonly deliverySemantic: { readonly type: 'exactly-once'; readonly transactionTimeoutMs: number }
}

/**
 * `io.statefun.kafka.v1/egress` with exactly-once delivery (contract 4.4, 5.6): a transaction per publication, which commits
 * the number of the epoch as an offset of a group of the egress's own, the marker.
 */
export class KafkaTransactionalSink implements TransactionalSink {
  readonly id: string
  readonly maxPendingBytes: number
  readonly #records: EgressRecords
  readonly #session: KafkaTransactionSession
  readonly #driver: TransactionDriver

  /** @throws StatefunError for properties that cannot be used */
  constructor(definition: ExactlyOnceEgress, context: ConnectorContext) {
    const { app, logger } = context
    const { id, deliverySemantic, location } = definition
    const settings = readProducerProperties(definition, app, logger)
    const { startTimeoutMs, retryBackoffMs, retryBackoffMaxMs } = settings.client
    const trouble = new Outage(logger, { egress: id })
    this.id = id
    this.maxPendingBytes = settings.bufferBytes
    this.#records = new EgressRecords(id, settings)
    this.#session = new KafkaTransactionSession({
      names: {
        egress: id,
        transactionalId: `${app}:${id}`,
        group: `${app}-epochs:${id}`,
        topic: `${app}-epochs`,
      },
      transactionTimeoutMs: deliverySemantic.transactionTimeoutMs,
      settings,
      location,
      logger,
      trouble,
    })
    this.#driver = new TransactionDriver({
      egress: id,
      session: this.#session,
      clock: systemClock,
      trouble,
      timedOut: timedOutReport(context, id, deliverySemantic.transactionTimeoutMs),
      startTimeoutMs,
      retryBackoffMs,
      retryBackoffMaxMs,
    })
  }

  async open(
    publisher: Publisher,
    _listener: SinkListener,
    accept?: (marker: Marker | undefined) => void,
  ): Promise<Marker | undefined> {
    try {
      await this.#session.prepare()
      return await this.#driver.open(publisher, accept)
    } catch (error) {
      await this.stop()
      throw StatefunError.from(error, 'SF_KAFKA_START_FAILED')
    }
  }

  check(value: TypedValue): void {
    // Looked up now, the partitions of a topic are known when its first records are published.
    this.#session.topics.get(this.#records.checked(value).topic)
  }

  publish(epoch: number, values: Iterable<Uint8Array>): Promise<void> {
    return this.#driver.publish(epoch, values)
  }

  stop(): Promise<void> {
    return this.#driver.close()
  }
}
