import type { KinesisEgressDefinition, Logger } from '@statefun/engine'
import { clientProperties } from '../client/client-properties.ts'
import type { ClientSettings } from '../client/client-settings.ts'
import { readClientSettings } from '../client/read-client-settings.ts'
import { WITHOUT_EFFECT } from '../client/without-effect.ts'
import type { RequestLimits } from './stream-queue.ts'

/** Settings of an egress. Sizes are bytes, times milliseconds. */
export interface EgressSettings {
  readonly client: ClientSettings
  readonly limits: RequestLimits
  /** Of data and partition key. */
  readonly maxRecordBytes: number
  /** Unacknowledged records from which the egress asks for less. */
  readonly maxOutstandingRecords: number
  /** Unacknowledged bytes from which it does. */
  readonly maxOutstandingBytes: number
  /** How long a record may wait for others before it is sent. */
  readonly lingerMs: number
  /** After this time without success a record fails the job. */
  readonly deliveryTimeoutMs: number
}

/** PutRecords takes no more records (AWS: PutRecords, Records). */
const MOST_RECORDS = 500
/** PutRecords takes no more bytes (AWS: PutRecords); stand-ins for Kinesis mostly stop at half of it. */
const MOST_BYTES = 10 << 20
const DEFAULT_BYTES = 5 << 20
const KIB = 1024
const MAX_OUTSTANDING_BYTES = 64 << 20
const DELIVERY_TIMEOUT_MS = 120_000

/**
 * Reads what an egress says and warns about properties that are not used.
 *
 * Of the names of Apache's producer, `CollectionMaxCount`, `CollectionMaxSize`, `RecordMaxBufferedTime` and `RecordTtl` take
 * effect. `MaxRecordSizeInKiB` is the setting of a stream that takes more than 1 MiB in a record.
 *
 * @throws StatefunError `SF_KINESIS_PROPERTY_INVALID`
 */
export function readEgressSettings(definition: KinesisEgressDefinition, logger: Logger): EgressSettings {
  const properties = clientProperties(definition)
  for (const prefix of ['flink.', 'source.']) properties.idle(prefix, 'at an egress')
  const within = (name: string, fallback: number, least: number, most: number) => {
    const value = properties.integer(name, fallback, least)
    if (value > most) throw properties.invalid(name, `a whole number from ${least} to ${most}`)
    return value
  }
  const maxRecordBytes = within('MaxRecordSizeInKiB', KIB, 1, MOST_BYTES / KIB) * KIB
  const settings: EgressSettings = {
    client: readClientSettings(definition, properties),
    limits: {
      records: within('CollectionMaxCount', MOST_RECORDS, 1, MOST_RECORDS),
      // Java's producer has no upper limit here and cuts at its own.
      bytes: Math.min(
        properties.integer('CollectionMaxSize', Math.max(DEFAULT_BYTES, maxRecordBytes), 1),
        MOST_BYTES,
      ),
    },
    maxRecordBytes,
    maxOutstandingRecords: definition.maxOutstandingRecords,
    maxOutstandingBytes: MAX_OUTSTANDING_BYTES,
    lingerMs: within('RecordMaxBufferedTime', 0, 0, 0x7fff_ffff),
    deliveryTimeoutMs: properties.integer('RecordTtl', DELIVERY_TIMEOUT_MS, 1),
  }
  properties.warnUnused(logger, WITHOUT_EFFECT)
  return settings
}
