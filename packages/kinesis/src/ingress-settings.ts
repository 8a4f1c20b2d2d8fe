import type { KinesisIngressDefinition, PropertyReader } from '@statefun/engine'
import { parseDuration } from '@statefun/protocol'
import { MOST_RECORDS } from './shards/fetch-size.ts'
import type { StreamStart } from './shards/shard-graph.ts'
import type { PaceLimits } from './shards/shard-pace.ts'

/** Enhanced fan-out: who reads, and whether it is registered by us. */
export interface FanOutSettings {
  readonly consumer: string | undefined
  /** ARNs by stream name, of consumers that others registered. */
  readonly consumerArns: ReadonlyMap<string, string>
  readonly register: boolean
}

/** How an ingress reads, beyond the client. Times are milliseconds. */
export interface IngressSettings {
  readonly start: StreamStart
  readonly pace: PaceLimits
  readonly mostRecords: number
  readonly discoveryMs: number
  /** Undefined: records are polled. */
  readonly fanOut: FanOutSettings | undefined
}

const DISCOVERY_MS = 10_000
/** Five calls a second, and 2 MB: what AWS allows a shard. */
const AWS_INTERVAL_MS = 200
const AWS_BYTES_PER_SECOND = 2 * 1024 * 1024
const AWS_IDLE_MS = 250
/** What stands in for AWS has no such limits. */
const STAND_IN_IDLE_MS = 50
const LONGEST_IDLE_MS = 1000

/**
 * Reads the properties of Flink's Kinesis connectors that concern reading, those of kzm's (`source.…`) and of the one
 * before (`flink.…`). They win over the named fields (contract 4.5).
 *
 * @param customEndpoint without the limits of AWS, unless properties set some
 * @throws StatefunError `SF_KINESIS_PROPERTY_INVALID`
 */
export function readIngressSettings(
  definition: KinesisIngressDefinition,
  properties: PropertyReader,
  customEndpoint: boolean,
): IngressSettings {
  for (const prefix of ['flink.', 'source.']) properties.idle(prefix, 'in this engine')
  const interval = customEndpoint ? 0 : AWS_INTERVAL_MS
  const idle = customEndpoint ? STAND_IN_IDLE_MS : AWS_IDLE_MS
  const intervalMs = duration(
    properties,
    'source.shard.get-records.interval',
    properties.integer('flink.shard.getrecords.intervalmillis', interval),
  )
  const idleFromMs = duration(properties, 'source.shard.get-records.idle-source-interval', idle)
  const most = properties.integer('flink.shard.getrecords.maxrecordcount', MOST_RECORDS, 1)
  return {
    start: readStart(definition, properties),
    pace: {
      intervalMs,
      bytesPerSecond: customEndpoint ? Number.POSITIVE_INFINITY : AWS_BYTES_PER_SECOND,
      idleFromMs,
      idleToMs: Math.max(LONGEST_IDLE_MS, idleFromMs),
    },
    mostRecords: Math.min(
      properties.integer('source.shard.get-records.max-record-count', most, 1),
      MOST_RECORDS,
    ),
    discoveryMs: Math.max(
      duration(
        properties,
        'source.shard.discovery.interval',
        properties.integer('flink.shard.discovery.intervalmillis', DISCOVERY_MS, 1),
      ),
      1,
    ),
    fanOut: readFanOut(definition, properties),
  }
}

function readStart(definition: KinesisIngressDefinition, properties: PropertyReader): StreamStart {
  const kinds = { LATEST: 'latest', TRIM_HORIZON: 'earliest', AT_TIMESTAMP: 'date' } as const
  const older = properties.choice<StreamStart['type'] | 'field'>('flink.stream.initpos', kinds, 'field')
  const type = properties.choice<StreamStart['type'] | 'field'>('source.init.position', kinds, older)
  if (type === 'field') return definition.startupPosition
  if (type !== 'date') return { type }
  const name =
    properties.text('source.init.timestamp') === undefined
      ? 'flink.stream.initpos.timestamp'
      : 'source.init.timestamp'
  const text = properties.text(name)?.trim() ?? ''
  const epochMs = /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : Date.parse(text)
  if (Number.isNaN(epochMs)) {
    throw properties.invalid(name, 'a date such as 2020-02-01T04:15:00.000+00:00, or seconds since 1970')
  }
  return { type: 'date', epochMs }
}

function readFanOut(
  definition: KinesisIngressDefinition,
  properties: PropertyReader,
): FanOutSettings | undefined {
  const kinds = { POLLING: false, EFO: true }
  const older = properties.choice('flink.stream.recordpublisher', kinds, false)
  const asked = properties.choice('source.reader.type', kinds, older)
  const consumer =
    properties.text('source.efo.consumer.name') ?? properties.text('flink.stream.efo.consumername')
  const eager = properties.choice(
    'flink.stream.efo.registration',
    { LAZY: true, EAGER: true, NONE: false },
    true,
  )
  const register = properties.choice(
    'source.efo.lifecycle',
    { JOB_MANAGED: true, SELF_MANAGED: false },
    eager,
  )
  const consumerArns = new Map<string, string>()
  for (const { stream } of definition.streams) {
    const arn = properties.text(`flink.stream.efo.consumerarn.${stream}`)
    if (arn !== undefined) consumerArns.set(stream, arn)
  }
  if (!asked) return undefined
  const named = definition.streams.every(({ stream }) => consumerArns.has(stream))
  if (consumer === undefined && !named) {
    throw properties.invalid('source.efo.consumer.name', 'set when records come by enhanced fan-out (EFO)')
  }
  return { consumer, consumerArns, register }
}

function duration(properties: PropertyReader, name: string, fallback: number): number {
  const text = properties.text(name)
  if (text === undefined) return fallback
  try {
    return parseDuration(text)
  } catch (cause) {
    throw properties.invalid(name, 'a duration such as 250 ms', cause)
  }
}
