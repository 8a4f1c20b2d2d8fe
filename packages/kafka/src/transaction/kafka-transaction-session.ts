import type { KafkaEgressDefinition, Logger, Marker } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { describeConfigsV4 } from '../cluster/client-library.ts'
import { Cluster } from '../cluster/cluster.ts'
import { Pause } from '../cluster/pause.ts'
import { ERROR, protocolCodeOf } from '../cluster/protocol-error.ts'
import type { OutgoingTopics } from '../produce/outgoing-topics.ts'
import type { ProducerSettings } from '../properties/producer-properties.ts'
import { CoordinatorCalls, type ProducerStamp, type TransactionNames } from './coordinator-calls.ts'
import { ensureEpochsTopic } from './epochs-topic.ts'
import { TransactionRecords } from './transaction-records.ts'
import { SessionError, type TransactionSession } from './transaction-session.ts'

const BROKER_RESOURCE = 4
const BROKER_MAXIMUM = 'transaction.max.timeout.ms'
const NOBODY: ProducerStamp = { producerId: -1n, producerEpoch: -1 }

export interface KafkaTransactionSessionOptions {
  readonly names: TransactionNames
  /** Life of a transaction, milliseconds. */
  readonly transactionTimeoutMs: number
  readonly settings: ProducerSettings
  /** Where module.yaml defines the egress, for messages. */
  readonly location: KafkaEgressDefinition['location']
  readonly logger: Logger
  readonly trouble: { began(message: string): void }
}

/** A transactional producer of a Kafka cluster. */
export class KafkaTransactionSession implements TransactionSession {
  readonly #options: KafkaTransactionSessionOptions
  readonly #cluster: Cluster
  readonly #calls: CoordinatorCalls
  readonly #pause = new Pause()
  #stamp = NOBODY
  #records: TransactionRecords
  /** The marker group is part of the transaction: only its offset needs to be committed again. */
  #markable = false
  #closed = false

  constructor(options: KafkaTransactionSessionOptions) {
    this.#options = options
    this.#cluster = new Cluster(options.settings.client, options.logger)
    this.#calls = new CoordinatorCalls(this.#cluster, options.names)
    this.#records = this.#newRecords()
  }

  /** The topics that were written to or asked for; asking for one looks it up. */
  get topics(): Pick<OutgoingTopics, 'get'> {
    return this.#records.topics
  }

  /**
   * Waits for the cluster and makes what the markers need.
   *
   * @throws StatefunError those of `Cluster.ready`, and `SF_KAFKA_EPOCHS_TOPIC`
   */
  async prepare(): Promise<void> {
    const { names, settings } = this.#options
    const { startTimeoutMs, retryBackoffMs } = settings.client
    await this.#cluster.ready(this.#pause)
    await ensureEpochsTopic({
      cluster: this.#cluster,
      egress: names.egress,
      topic: names.topic,
      pause: this.#pause,
      startTimeoutMs,
      retryBackoffMs,
      stopped: () => this.#closed,
    })
  }

  async init(): Promise<void> {
    try {
      this.#stamp = await this.#calls.initProducerId(this.#options.transactionTimeoutMs)
    } catch (error) {
      const refused =
        error instanceof StatefunError && protocolCodeOf(error.cause) === ERROR.invalidTransactionTimeout
      throw refused ? await this.#timeoutTooLong(error) : error
    }
    this.#markable = false
    const { names } = this.#records.topics
    this.#records.fail(new SessionError('broken', 'another incarnation of the producer began'))
    if (this.#closed) throw this.#dropped()
    this.#records = this.#newRecords()
    for (const name of names) this.#records.topics.get(name)
    this.#records.topics.start()
  }

  readMarker(stable: boolean): Promise<Marker | undefined> {
    return this.#calls.fetchMarker(stable)
  }

  send(values: Iterable<Uint8Array>): Promise<void> {
    return this.#records.send(values)
  }

  async mark(marker: Marker): Promise<void> {
    const stamp = this.#stamp
    if (!this.#markable) await this.#calls.addMarker(stamp)
    this.#markable = true
    await this.#calls.commitMarker(stamp, marker)
  }

  end(): Promise<void> {
    this.#markable = false
    return this.#calls.endTransaction(this.#stamp)
  }

  reset(): void {
    this.#records.fail(this.#dropped())
    this.#calls.forget()
    this.#cluster.disconnect()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#pause.wake()
    this.reset()
    await Promise.all([this.#records.topics.stop(), this.#cluster.close()])
  }

  #dropped(): SessionError {
    return new SessionError('broken', 'the connections were dropped')
  }

  #newRecords(): TransactionRecords {
    const { names, settings, logger, trouble } = this.#options
    const stamp = this.#stamp
    return new TransactionRecords({
      egress: names.egress,
      cluster: this.#cluster,
      settings,
      stamp,
      logger,
      addPartitions: (partitions) => this.#calls.addPartitions(stamp, partitions),
      trouble,
    })
  }

  async #timeoutTooLong(cause: StatefunError): Promise<StatefunError> {
    const { names, transactionTimeoutMs, location } = this.#options
    const most = await this.#brokerMaximum().catch(() => undefined)
    const limit = most === undefined ? '' : `, which is ${most} ms`
    return new StatefunError(
      'SF_KAFKA_TRANSACTION_TIMEOUT',
      `egress ${names.egress} asks for a transactionTimeout of ${transactionTimeoutMs} ms; the broker allows no more than ` +
        `its ${BROKER_MAXIMUM}${limit}`,
      {
        where: `${location.file}:${location.line}:${location.column}`,
        hint: `lower deliverySemantic.transactionTimeout of the egress, or raise ${BROKER_MAXIMUM} of the brokers`,
        cause,
      },
    )
  }

  /** The broker's limit for transaction timeouts in milliseconds; undefined when the client may not see it. */
  async #brokerMaximum(): Promise<number | undefined> {
    const nodeId = await this.#cluster.coordinator('transaction', this.#options.names.transactionalId)
    const connection = await this.#cluster.connection(nodeId, 'transaction')
    const { results } = await describeConfigsV4.api.async(connection, [
      {
        resourceType: BROKER_RESOURCE,
        resourceName: String(nodeId),
        configurationKeys: [BROKER_MAXIMUM],
      },
    ])
    const value = results[0]?.configs[0]?.value
    return value === null || value === undefined ? undefined : Number(value)
  }
}
