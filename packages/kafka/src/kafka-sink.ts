import {
  backoffMs,
  type ConnectorContext,
  type KafkaEgressDefinition,
  type Logger,
  Outage,
  type Sink,
  type SinkListener,
} from '@statefun/engine'
import { type KafkaRecordView, StatefunError, type TypedValue } from '@statefun/protocol'
import { Cluster } from './cluster/cluster.ts'
import { Pause } from './cluster/pause.ts'
import { ERROR, errorName, isStaleLeader, protocolCodeOf, rootMessage } from './cluster/protocol-error.ts'
import { EgressRecords, recordTooLarge } from './egress-records.ts'
import { BrokerLane, type LaneOwner } from './produce/broker-lane.ts'
import { isRetriable, needsNewIdentity } from './produce/delivery-errors.ts'
import { FlushWaiters } from './produce/flush-waiters.ts'
import type { OutgoingBatch } from './produce/outgoing-batch.ts'
import type { OutgoingPartition } from './produce/outgoing-partition.ts'
import type { OutgoingTopic } from './produce/outgoing-topic.ts'
import { OutgoingTopics, type TopicsOwner } from './produce/outgoing-topics.ts'
import { PartitionPauses } from './produce/partition-pauses.ts'
import { ProducerIdentity } from './produce/producer-identity.ts'
import { type ProducerSettings, readProducerProperties } from './properties/producer-properties.ts'
import { recordSizeBound } from './record-batch/batch-builder.ts'
import { BATCH_HEADER_SIZE } from './record-batch/format.ts'

const DEADLINE_CHECK_MS = 250

/**
 * `io.statefun.kafka.v1/egress` with at-least-once delivery or weaker (contract 4.4): an idempotent producer whose records
 * go from their protobuf form straight into the batch of their partition.
 */
export class KafkaSink implements Sink, LaneOwner, TopicsOwner {
  readonly id: string
  readonly #settings: ProducerSettings
  readonly #logger: Logger
  readonly #waitsInFlush: boolean
  readonly #cluster: Cluster
  readonly #identity: ProducerIdentity
  readonly #topics: OutgoingTopics
  readonly #lanes = new Map<number, BrokerLane>()
  readonly #pause = new Pause()
  readonly #outage: Outage
  readonly #records: EgressRecords
  readonly #flushes = new FlushWaiters()
  readonly #pauses = new PartitionPauses(() => this.#pump())
  #listener: SinkListener | undefined
  #deadlines: NodeJS.Timeout | undefined
  #linger: NodeJS.Timeout | undefined
  #unacknowledged = 0
  #saturated = false
  #failure: StatefunError | undefined
  #stopped = false

  /** @throws StatefunError for properties that cannot be used */
  constructor(definition: KafkaEgressDefinition, context: ConnectorContext) {
    const { logger } = context
    this.id = definition.id
    this.#logger = logger
    this.#waitsInFlush = definition.deliverySemantic.type !== 'none'
    this.#settings = readProducerProperties(definition, context.app, logger)
    this.#records = new EgressRecords(this.id, this.#settings)
    this.#cluster = new Cluster(this.#settings.client, logger)
    this.#identity = new ProducerIdentity(this.#cluster)
    this.#outage = new Outage(logger, { egress: this.id })
    const { idempotent, compression, batchBytes, maxRequestBytes } = this.#settings
    const outgoing = {
      identity: this.#identity,
      idempotent,
      transactional: false,
      compression,
      maxBatchBytes: Math.min(Math.max(batchBytes, BATCH_HEADER_SIZE), maxRequestBytes),
      opened: (batch: OutgoingBatch, partition: OutgoingPartition) => this.#flushes.opened(batch, partition),
    }
    this.#topics = new OutgoingTopics(this.id, this.#cluster, this.#settings, outgoing, this, logger)
  }

  get saturated(): boolean {
    return this.#saturated
  }

  async start(listener: SinkListener): Promise<void> {
    this.#listener = listener
    try {
      await this.#cluster.ready(this.#pause)
      if (this.#settings.idempotent) await this.#identify()
    } catch (error) {
      await this.stop()
      throw StatefunError.from(error, 'SF_KAFKA_START_FAILED')
    }
    this.#topics.start()
    this.#deadlines = setInterval(() => this.#checkDeadlines(), DEADLINE_CHECK_MS)
  }

  write(value: TypedValue): void {
    if (this.#failure !== undefined) throw this.#failure
    this.#append(value.value, this.#records.checked(value))
  }

  nudge(): void {
    if (this.#settings.lingerMs === 0) this.#pump()
    else this.#linger ??= setTimeout(() => this.#pump(), this.#settings.lingerMs)
  }

  async flush(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    this.#pump()
    if (this.#waitsInFlush) await this.#flushes.wait(() => this.#topics.pending)
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    for (const lane of this.#lanes.values()) lane.stop()
    clearInterval(this.#deadlines)
    clearTimeout(this.#linger)
    this.#pauses.stop()
    this.#flushes.reject(
      new StatefunError('SF_KAFKA_STOPPED', `egress ${this.id} was stopped during a flush`),
    )
    this.#pause.wake()
    await Promise.all([this.#cluster.close(), this.#topics.stop()])
  }

  acknowledged(partition: OutgoingPartition, batch: OutgoingBatch): void {
    partition.shift()
    this.#release(batch)
    this.#outage.ended(`egress ${this.id} delivers again`)
    this.#flushes.closed(batch)
  }

  refused(
    partition: OutgoingPartition,
    batch: OutgoingBatch,
    errorCode: number,
    message: string | null,
  ): void {
    if (errorCode === ERROR.messageTooLarge || errorCode === ERROR.recordListTooLarge) {
      this.#divide(partition, batch)
    } else if (needsNewIdentity(errorCode) && this.#settings.idempotent) {
      this.#reidentify(partition, batch, errorCode)
    } else if (isRetriable(errorCode)) {
      if (isStaleLeader(errorCode)) this.#topics.refresh()
      this.#again(partition, batch, errorName(errorCode))
    } else {
      const reason = message === null ? errorName(errorCode) : `${errorName(errorCode)} (${message})`
      this.failed(this.#undelivered(partition, reason))
    }
  }

  idle(): void {
    this.#pump()
  }

  lost(partition: OutgoingPartition, batch: OutgoingBatch, error: unknown): void {
    if (this.#stopped) return
    if (error instanceof StatefunError) {
      this.failed(error)
      return
    }
    this.#topics.refresh()
    this.#again(partition, batch, rootMessage(error))
  }

  known(topic: OutgoingTopic): void {
    const values = topic.pending.splice(0)
    for (const value of values) {
      this.#unacknowledged -= value.length
      try {
        this.#append(value, this.#records.read(value))
      } catch (error) {
        this.failed(StatefunError.from(error))
        return
      }
    }
    this.#pump()
    this.#flushes.check()
  }

  moved(partitions: readonly OutgoingPartition[]): void {
    for (const partition of partitions) {
      for (const lane of this.#lanes.values()) lane.waiting.delete(partition)
      if (partition.leader < 0) continue
      this.#pauses.end(partition)
      if (partition.head !== undefined) this.#lane(partition.leader).waiting.add(partition)
    }
    this.#pump()
  }

  failed(error: StatefunError): void {
    if (this.#failure !== undefined || this.#stopped) return
    this.#failure = error
    for (const lane of this.#lanes.values()) lane.stop()
    this.#flushes.reject(error)
    this.#listener?.failed(error)
  }

  #append(bytes: Uint8Array, view: KafkaRecordView): void {
    const topic = this.#topics.get(view.topic)
    if (!topic.known) {
      if (topic.pending.length === 0) topic.pendingSince = performance.now()
      topic.pending.push(bytes)
      this.#hold(bytes.length)
      return
    }
    const partition = topic.choose(view)
    const batch = partition.append(view, recordSizeBound(view), Date.now())
    this.#hold(batch.builder.size - batch.accounted)
    batch.accounted = batch.builder.size
    if (partition.leader < 0) return
    const lane = this.#lane(partition.leader)
    lane.waiting.add(partition)
    // A closed batch waits: the request need not wait for the end of the turn.
    if (batch !== partition.head) lane.pump()
  }

  #lane(nodeId: number): BrokerLane {
    let lane = this.#lanes.get(nodeId)
    if (lane === undefined) {
      lane = new BrokerLane(nodeId, this.#cluster, this.#settings, this)
      this.#lanes.set(nodeId, lane)
    }
    return lane
  }

  #pump(): void {
    clearTimeout(this.#linger)
    this.#linger = undefined
    if (this.#failure !== undefined || this.#stopped) return
    for (const lane of this.#lanes.values()) lane.pump()
  }

  #hold(bytes: number): void {
    this.#unacknowledged += bytes
    if (this.#unacknowledged > this.#settings.bufferBytes) this.#saturated = true
  }

  #release(batch: OutgoingBatch): void {
    this.#unacknowledged -= batch.accounted
    if (this.#saturated && this.#unacknowledged < this.#settings.bufferBytes / 2) {
      this.#saturated = false
      this.#listener?.drained()
    }
  }

  #again(partition: OutgoingPartition, batch: OutgoingBatch, reason: string): void {
    partition.trouble = reason
    if (batch.attempts > this.#settings.retries) {
      this.failed(this.#undelivered(partition, reason))
      return
    }
    this.#outage.began(
      `egress ${this.id} cannot deliver to ${partition.topic}/${partition.index}: ${reason}; trying again`,
    )
    const { retryBackoffMs, retryBackoffMaxMs } = this.#settings.client
    this.#pauses.begin(partition, backoffMs(Math.max(1, batch.attempts), retryBackoffMs, retryBackoffMaxMs))
  }

  #divide(partition: OutgoingPartition, batch: OutgoingBatch): void {
    if (batch.builder.count === 1) {
      this.failed(
        recordTooLarge(
          this.id,
          `topic [${partition.topic}], partition [${partition.index}]`,
          batch.builder.size,
          'the topic or broker allows less',
        ),
      )
      return
    }
    this.#unacknowledged -= batch.accounted
    for (const part of partition.split(batch)) {
      part.id = batch.id
      part.accounted = part.builder.size
      this.#unacknowledged += part.accounted
    }
    this.#flushes.closed(batch)
  }

  #reidentify(partition: OutgoingPartition, batch: OutgoingBatch, errorCode: number): void {
    this.#logger.warn(
      { egress: this.id, topic: partition.topic, partition: partition.index },
      `the broker lost track of this producer (${errorName(errorCode)}): going on with a new producer id; ` +
        'a record may come twice',
    )
    this.#pauses.hold(partition)
    const renewed = partition.identityIsCurrent ? this.#identity.renew() : Promise.resolve()
    renewed
      .then(
        () => batch.unstamp(),
        (error: unknown) => {
          partition.trouble = rootMessage(error)
        },
      )
      .finally(() => {
        if (!this.#stopped) this.#pauses.begin(partition, this.#settings.client.retryBackoffMs)
      })
  }

  async #identify(): Promise<void> {
    const { retryBackoffMs, retryBackoffMaxMs, startTimeoutMs } = this.#settings.client
    const deadline = performance.now() + startTimeoutMs
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#identity.renew()
        return
      } catch (error) {
        const code = protocolCodeOf(error)
        if (code === ERROR.clusterAuthorizationFailed) {
          throw new StatefunError(
            'SF_KAFKA_NOT_AUTHORIZED',
            `egress ${this.id} may not use an idempotent producer`,
            {
              hint: 'grant IDEMPOTENT_WRITE on the cluster, or set the property enable.idempotence to false',
              cause: error,
            },
          )
        }
        if (error instanceof StatefunError || this.#stopped || performance.now() > deadline) throw error
        await this.#pause.wait(backoffMs(attempt, retryBackoffMs, retryBackoffMaxMs))
      }
    }
  }

  #checkDeadlines(): void {
    const oldest = this.#flushes.oldest()
    if (oldest === undefined) return
    const { deliveryTimeoutMs } = this.#settings
    if (performance.now() - oldest.batch.createdAt <= deliveryTimeoutMs) return
    const reason = oldest.partition.trouble ?? 'no answer from the broker'
    this.failed(
      this.#undelivered(oldest.partition, `not acknowledged within ${deliveryTimeoutMs} ms: ${reason}`),
    )
  }

  #undelivered(partition: OutgoingPartition, reason: string): StatefunError {
    return new StatefunError(
      'SF_KAFKA_DELIVERY_FAILED',
      `egress ${this.id} could not deliver ${partition.head?.builder.count ?? 0} records: ${reason}`,
      { where: `topic [${partition.topic}], partition [${partition.index}]` },
    )
  }
}
