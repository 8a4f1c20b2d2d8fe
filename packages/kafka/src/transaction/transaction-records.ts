import { backoffMs, type Logger } from '@statefun/engine'
import type { KafkaRecordView, StatefunError } from '@statefun/protocol'
import type { Cluster } from '../cluster/cluster.ts'
import { ERROR, isStaleLeader } from '../cluster/protocol-error.ts'
import { EgressRecords, recordTooLarge } from '../egress-records.ts'
import { BrokerLane, type LaneOwner } from '../produce/broker-lane.ts'
import type { OutgoingBatch } from '../produce/outgoing-batch.ts'
import type { OutgoingPartition } from '../produce/outgoing-partition.ts'
import type { OutgoingTopic } from '../produce/outgoing-topic.ts'
import { OutgoingTopics, type TopicsOwner } from '../produce/outgoing-topics.ts'
import { PartitionPauses } from '../produce/partition-pauses.ts'
import type { ProducerSettings } from '../properties/producer-properties.ts'
import { recordSizeBound } from '../record-batch/batch-builder.ts'
import { BATCH_HEADER_SIZE } from '../record-batch/format.ts'
import { classifyCode, classifyError } from './classify-error.ts'
import type { ProducerStamp, TransactionPartition } from './coordinator-calls.ts'
import { SessionError } from './transaction-session.ts'

/** Encoding gives way to requests, answers and the rest of the engine after so many bytes. */
const PORTION_BYTES = 256 << 10

/** Encoding waits for answers while so much is unacknowledged. */
const MAX_HELD_BYTES = 16 << 20

/**
 * The end of the transaction before takes a moment. Until then partitions cannot be added to the next one, and for a moment
 * after that their leaders may not know yet that they were: they refuse records with NOT_ENOUGH_REPLICAS (KIP-890). A pause as
 * long as after an outage would be seen in the latency of every tenth epoch.
 */
const STEP_BACKOFF_MS = { first: 1, most: 500 } as const

/** Attempts that fail before it is worth a line in the log. */
const QUIET_ATTEMPTS = 5

/** What {@link TransactionRecords} work with. */
export interface TransactionRecordsOptions {
  readonly egress: string
  readonly cluster: Cluster
  readonly settings: ProducerSettings
  readonly stamp: ProducerStamp
  readonly logger: Logger
  /** AddPartitionsToTxn, one attempt. */
  readonly addPartitions: (partitions: readonly TransactionPartition[]) => Promise<void>
  readonly trouble: { began(message: string): void }
}

/**
 * Sends the records of one transaction after the other for one incarnation of the producer: from their protobuf form straight
 * into the batch of their partition, to all brokers side by side. A failure is the end of the incarnation.
 */
export class TransactionRecords implements LaneOwner, TopicsOwner {
  readonly topics: OutgoingTopics
  readonly #options: TransactionRecordsOptions
  readonly #records: EgressRecords
  readonly #lanes = new Map<number, BrokerLane>()
  readonly #pauses = new PartitionPauses(() => this.idle())
  /** Partitions that were or are being added to the transaction. */
  readonly #enlisted = new Set<OutgoingPartition>()
  /** Partitions with records that nobody has asked to add yet. */
  #fresh: OutgoingPartition[] = []
  #lastId = 0
  #unacknowledged = 0
  #heldBytes = 0
  #failure: SessionError | StatefunError | undefined
  #wake: (() => void) | undefined

  constructor(options: TransactionRecordsOptions) {
    const { egress, cluster, settings, stamp, logger } = options
    this.#options = options
    this.#records = new EgressRecords(egress, settings)
    const outgoing = {
      identity: { producerId: Number(stamp.producerId), producerEpoch: stamp.producerEpoch, generation: 1 },
      idempotent: true,
      transactional: true,
      compression: settings.compression,
      maxBatchBytes: Math.min(Math.max(settings.batchBytes, BATCH_HEADER_SIZE), settings.maxRequestBytes),
      opened: () => {
        this.#unacknowledged++
        return ++this.#lastId
      },
    }
    this.topics = new OutgoingTopics(egress, cluster, settings, outgoing, this, logger)
  }

  /** As `TransactionSession.send`. */
  async send(values: Iterable<Uint8Array>): Promise<void> {
    const now = Date.now()
    this.#enlisted.clear()
    let encoded = 0
    for (const value of values) {
      let record = this.#records.read(value)
      const topic = this.topics.get(record.topic)
      if (!topic.known) {
        await this.#appearance(topic, value)
        record = this.#records.read(value)
      }
      this.#append(topic, record, now)
      encoded += value.length
      if (encoded < PORTION_BYTES) continue
      encoded = 0
      this.#dispatch()
      await new Promise(setImmediate)
      await this.#until(() => this.#heldBytes < MAX_HELD_BYTES)
    }
    this.#dispatch()
    await this.#until(() => this.#unacknowledged === 0)
  }

  /** Ends the incarnation: what is under way rejects with this. */
  fail(error: SessionError | StatefunError): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    for (const lane of this.#lanes.values()) lane.stop()
    this.#pauses.stop()
    void this.topics.stop()
    this.#wake?.()
  }

  failed(error: StatefunError): void {
    this.fail(error)
  }

  acknowledged(partition: OutgoingPartition, batch: OutgoingBatch): void {
    partition.shift()
    this.#release(batch)
    this.#wake?.()
  }

  refused(
    partition: OutgoingPartition,
    batch: OutgoingBatch,
    errorCode: number,
    message: string | null,
  ): void {
    if (this.#failure !== undefined) return
    const where = placeOf(partition)
    if (errorCode === ERROR.messageTooLarge || errorCode === ERROR.recordListTooLarge) {
      this.#divide(partition, batch)
      return
    }
    const error = classifyCode(
      errorCode,
      this.#options.egress,
      message === null ? where : `${where}: ${message}`,
    )
    if (!(error instanceof SessionError) || error.trouble !== 'retry') {
      this.fail(error)
      return
    }
    if (isStaleLeader(errorCode)) this.topics.refresh()
    if (batch.attempts > QUIET_ATTEMPTS) this.#complain(error.message)
    this.#pauses.begin(partition, backoffMs(batch.attempts, STEP_BACKOFF_MS.first, STEP_BACKOFF_MS.most))
  }

  lost(partition: OutgoingPartition, _batch: OutgoingBatch, error: unknown): void {
    this.fail(classifyError(error, this.#options.egress, placeOf(partition)))
  }

  idle(): void {
    for (const lane of this.#lanes.values()) lane.pump()
  }

  known(): void {
    this.#wake?.()
  }

  moved(partitions: readonly OutgoingPartition[]): void {
    for (const partition of partitions) {
      for (const lane of this.#lanes.values()) lane.waiting.delete(partition)
      if (partition.leader < 0) continue
      this.#pauses.end(partition)
      if (partition.head !== undefined) this.#lane(partition.leader).waiting.add(partition)
    }
    this.idle()
  }

  #append(topic: OutgoingTopic, record: KafkaRecordView, now: number): void {
    const partition = topic.choose(record)
    const batch = partition.append(record, recordSizeBound(record), now)
    this.#heldBytes += batch.builder.size - batch.accounted
    batch.accounted = batch.builder.size
    if (batch.builder.count > 1) return
    if (!this.#enlisted.has(partition)) {
      this.#enlisted.add(partition)
      this.#fresh.push(partition)
      partition.blocked = true
    }
    if (partition.leader >= 0) this.#lane(partition.leader).waiting.add(partition)
  }

  #dispatch(): void {
    if (this.#fresh.length > 0) void this.#enlist(this.#fresh.splice(0))
    this.idle()
  }

  async #enlist(partitions: readonly OutgoingPartition[]): Promise<void> {
    const { egress, addPartitions } = this.#options
    for (let attempt = 1; this.#failure === undefined; attempt++) {
      try {
        await addPartitions(partitions)
        for (const partition of partitions) partition.blocked = false
        this.idle()
        return
      } catch (cause) {
        const error = classifyError(cause, egress, 'AddPartitionsToTxn')
        if (!(error instanceof SessionError) || error.trouble !== 'retry') {
          this.fail(error)
          return
        }
        if (attempt > QUIET_ATTEMPTS * 2) {
          this.topics.refresh()
          this.#complain(error.message)
        }
        const ms = backoffMs(attempt, STEP_BACKOFF_MS.first, STEP_BACKOFF_MS.most)
        await new Promise((resolve) => setTimeout(resolve, ms))
      }
    }
  }

  async #appearance(topic: OutgoingTopic, value: Uint8Array): Promise<void> {
    topic.pendingSince = performance.now()
    topic.pending.push(value)
    this.#dispatch()
    await this.#until(() => topic.known)
    topic.pending.length = 0
  }

  #divide(partition: OutgoingPartition, batch: OutgoingBatch): void {
    const { size, count } = batch.builder
    if (count === 1) {
      this.fail(
        recordTooLarge(this.#options.egress, placeOf(partition), size, 'the topic or broker allows less'),
      )
      return
    }
    for (const part of partition.split(batch)) {
      part.accounted = part.builder.size
      this.#heldBytes += part.accounted
    }
    this.#release(batch)
  }

  #release(batch: OutgoingBatch): void {
    this.#unacknowledged--
    this.#heldBytes -= batch.accounted
  }

  #lane(nodeId: number): BrokerLane {
    let lane = this.#lanes.get(nodeId)
    if (lane === undefined) {
      const { cluster, settings } = this.#options
      lane = new BrokerLane(nodeId, cluster, settings, this)
      this.#lanes.set(nodeId, lane)
    }
    return lane
  }

  #complain(reason: string): void {
    const { egress, trouble } = this.#options
    trouble.began(`egress ${egress} cannot publish yet: ${reason}; trying again`)
  }

  async #until(condition: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure
      if (condition()) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

function placeOf({ topic, index }: OutgoingPartition): string {
  return `topic [${topic}], partition [${index}]`
}
