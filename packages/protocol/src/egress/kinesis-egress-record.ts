import type { TypedValue } from '../messages.ts'
import { NO_BYTES } from '../wire/no-bytes.ts'
import { Reader } from '../wire/reader.ts'
import { writer } from '../wire/writer.ts'

/** Typename of the only values a Kinesis egress takes (contract 2.3). */
export const KINESIS_EGRESS_RECORD = 'type.googleapis.com/io.statefun.sdk.egress.KinesisEgressRecord'

/** A record for a Kinesis egress. */
export interface KinesisEgressRecord {
  readonly stream: string
  readonly partitionKey: string
  readonly value: Uint8Array
  /** Undefined: the shard follows from the partition key. '' means the same. */
  readonly explicitHashKey: string | undefined
}

/**
 * Encodes `KinesisEgressRecord := 1 partition_key  2 value_bytes  3 stream  4 explicit_hash_key`.
 *
 * @returns bytes of the caller's own
 */
export function encodeKinesisEgressRecord(record: KinesisEgressRecord): Uint8Array {
  const out = writer.begin()
  if (record.explicitHashKey !== undefined) out.string(0x22, record.explicitHashKey)
  out.name(0x1a, record.stream)
  out.bytes(0x12, record.value)
  out.string(0x0a, record.partitionKey)
  return out.finish()
}

/** The value to send to a Kinesis egress. */
export function kinesisRecordValue(record: KinesisEgressRecord): TypedValue {
  return {
    typename: KINESIS_EGRESS_RECORD,
    hasValue: true,
    value: encodeKinesisEgressRecord(record),
    metadata: undefined,
  }
}

/**
 * Decodes a record; `value` is a view of `bytes`.
 *
 * @throws StatefunError `SF_PROTOCOL_MALFORMED`
 */
export function decodeKinesisEgressRecord(bytes: Uint8Array): KinesisEgressRecord {
  const reader = new Reader(bytes)
  let partitionKey = ''
  let value = NO_BYTES
  let stream = ''
  let explicitHashKey = ''
  while (reader.pos < reader.end) {
    const tag = reader.tag('KinesisEgressRecord')
    switch (tag >>> 3) {
      case 1:
        partitionKey = reader.string(tag, 'KinesisEgressRecord.partition_key')
        break
      case 2:
        value = reader.view(tag, 'KinesisEgressRecord.value_bytes')
        break
      case 3:
        stream = reader.name(tag, 'KinesisEgressRecord.stream')
        break
      case 4:
        explicitHashKey = reader.string(tag, 'KinesisEgressRecord.explicit_hash_key')
        break
      default:
        reader.skip(tag, 'KinesisEgressRecord')
    }
  }
  return {
    stream,
    partitionKey,
    value,
    explicitHashKey: explicitHashKey === '' ? undefined : explicitHashKey,
  }
}
