import type { KinesisClient } from '@aws-sdk/client-kinesis'
import {
  type ConnectorContext,
  checkedKinesisRecord,
  type KinesisEgressDefinition,
  type KinesisRecordRules,
  kinesisRecordWhere,
  Outage,
  type Sink,
  type SinkListener,
} from '@statefun/engine'
import { type Address, StatefunError, type TypedValue } from '@statefun/protocol'
import { createClient } from './client/create-client.ts'
import { type EgressSettings, readEgressSettings } from './egress/egress-settings.ts'
import { FlushGenerations } from './egress/flush-generations.ts'
import type { OutgoingRecord } from './egress/outgoing-record.ts'
import { type PutRecords, putRecords } from './egress/put-records.ts'
import { type LaneOwner, StreamLane } from './egress/stream-lane.ts'
import { streamMetrics } from './egress/stream-metrics.ts'

const DEADLINE_CHECK_MS = 250

/**
 * `io.statefun.kinesis.v1/egress` (contract 4.5): PutRecords with at-least-once delivery. A record that Kinesis took and
 * whose answer got lost is sent again, and so is what was emitted after the last checkpoint before a crash.
 *
 * Records of one partition key to one stream leave one after another, in the order in which they were emitted, and a
 * record that is not taken holds back the later ones of its key, not those of others.
 *
 * @throws StatefunError `SF_KINESIS_PROPERTY_INVALID`
 */
export function kinesisSink(definition: KinesisEgressDefinition, context: ConnectorContext): Sink {
  return new KinesisSink(definition, context)
}

/** See {@link kinesisSink}; tests put something else in the place of the client. */
export class KinesisSink implements Sink, LaneOwner {
  readonly id: string
  readonly name: string
  readonly #settings: EgressSettings
  readonly #rules: KinesisRecordRules
  readonly #context: ConnectorContext
  readonly #lanes = new Map<string, StreamLane>()
  readonly #flushes = new FlushGenerations()
  #put: PutRecords | undefined
  #client: KinesisClient | undefined
  #listener: SinkListener | undefined
  #deadlines: NodeJS.Timeout | undefined
  #linger: NodeJS.Timeout | undefined
  #records = 0
  #bytes = 0
  #saturated = false
  #failure: StatefunError | undefined
  #stopped = false

  /** @param put sends records; that of the SDK when left out */
  constructor(definition: KinesisEgressDefinition, context: ConnectorContext, put?: PutRecords) {
    this.id = definition.id
    this.name = `egress ${definition.id}`
    this.#context = context
    this.#settings = readEgressSettings(definition, context.logger)
    this.#rules = {
      id: this.id,
      defaultStream: definition.streamName,
      maxRecordBytes: this.#settings.maxRecordBytes,
    }
    this.#put = put
    context.metrics.gauge(
      'KinesisSink.numRecordsOutstanding',
      'Records that wait to be taken by a Kinesis stream',
      { egress: this.id },
      () => this.#records,
    )
  }

  get saturated(): boolean {
    return this.#saturated
  }

  async start(listener: SinkListener): Promise<void> {
    this.#listener = listener
    if (this.#put === undefined) {
      this.#client = await createClient(this.#settings.client)
      this.#put = putRecords(this.#client)
    }
    if (this.#stopped) return this.#client?.destroy()
    this.#deadlines = setInterval(() => this.#checkDeadlines(), DEADLINE_CHECK_MS)
  }

  write(value: TypedValue, sender?: Address): void {
    if (this.#failure !== undefined) throw this.#failure
    const { stream, ...record } = checkedKinesisRecord(value, this.#rules, sender)
    this.#records++
    this.#bytes += record.bytes
    const { maxOutstandingRecords, maxOutstandingBytes } = this.#settings
    if (this.#records >= maxOutstandingRecords || this.#bytes >= maxOutstandingBytes) this.#saturated = true
    this.#lane(stream).add({
      ...record,
      sender,
      writtenAt: performance.now(),
      generation: this.#flushes.opened(),
      failures: 0,
    })
  }

  nudge(): void {
    if (this.#settings.lingerMs === 0) this.#pump()
    else this.#linger ??= setTimeout(() => this.#pump(), this.#settings.lingerMs)
  }

  async flush(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    this.#pump()
    await this.#flushes.wait()
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.#end(new StatefunError('SF_KINESIS_STOPPED', `${this.name} was stopped during a flush`))
    this.#client?.destroy()
  }

  delivered(record: OutgoingRecord): void {
    this.#records--
    this.#bytes -= record.bytes
    this.#flushes.closed(record.generation)
    if (!this.#saturated) return
    const { maxOutstandingRecords, maxOutstandingBytes, limits } = this.#settings
    // As soon as there is room for a request: waiting for more would leave requests under way fewer than they may be.
    const room = Math.min(limits.records, maxOutstandingRecords / 2)
    if (this.#records > maxOutstandingRecords - room || this.#bytes > maxOutstandingBytes / 2) return
    this.#saturated = false
    this.#listener?.drained()
  }

  failed(error: StatefunError): void {
    if (this.#failure !== undefined || this.#stopped) return
    this.#failure = error
    this.#end(error)
    this.#listener?.failed(error)
  }

  #end(error: StatefunError): void {
    for (const lane of this.#lanes.values()) lane.stop()
    clearInterval(this.#deadlines)
    clearTimeout(this.#linger)
    this.#flushes.reject(error)
  }

  #lane(stream: string): StreamLane {
    let lane = this.#lanes.get(stream)
    if (lane === undefined) {
      const { logger, metrics } = this.#context
      lane = new StreamLane({
        stream,
        limits: this.#settings.limits,
        put: (name, records) => this.#put!(name, records),
        metrics: streamMetrics(metrics, this.id, stream),
        outage: new Outage(logger, { egress: this.id, stream }),
        owner: this,
      })
      this.#lanes.set(stream, lane)
    }
    return lane
  }

  #pump(): void {
    clearTimeout(this.#linger)
    this.#linger = undefined
    for (const lane of this.#lanes.values()) lane.pump()
  }

  #checkDeadlines(): void {
    const { deliveryTimeoutMs } = this.#settings
    for (const lane of this.#lanes.values()) {
      const record = lane.oldest()
      if (record === undefined || performance.now() - record.writtenAt <= deliveryTimeoutMs) continue
      const reason = lane.trouble ?? 'no answer from Kinesis'
      this.failed(
        new StatefunError(
          'SF_KINESIS_DELIVERY_FAILED',
          `${this.name} could not deliver a record within ${deliveryTimeoutMs} ms: ${reason}`,
          {
            where: kinesisRecordWhere(lane.stream, record),
            hint: 'the job goes on from its last checkpoint; a stream that is throttled needs more shards, and RecordTtl in clientConfigProperties gives records more time',
          },
        ),
      )
      return
    }
  }
}
