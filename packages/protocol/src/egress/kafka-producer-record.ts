import type { Metadata, TypedValue } from '../messages.ts'
import { readMetadata, writeMetadata } from '../wire/metadata.ts'
import { NO_BYTES } from '../wire/no-bytes.ts'
import { Reader } from '../wire/reader.ts'
import { writer } from '../wire/writer.ts'

/** Typename of the only values a Kafka egress takes (contract 2.3). */
export const KAFKA_PRODUCER_RECORD = 'type.googleapis.com/io.statefun.sdk.egress.KafkaProducerRecord'

/** A record for a Kafka egress. */
export interface KafkaProducerRecord {
  readonly topic: string
  /** Undefined: a record without key. The wire has no other form for an empty one, so '' means the same. */
  readonly key: string | undefined
  /** Always present: tombstones cannot be produced. */
  readonly value: Uint8Array
  /** In the order they are written to the record. */
  readonly headers: readonly Metadata[]
}

/**
 * Encodes `KafkaProducerRecord := 1 key  2 value_bytes  3 topic  4 headers*`.
 *
 * @returns bytes of the caller's own
 */
export function encodeKafkaProducerRecord(record: KafkaProducerRecord): Uint8Array {
  const out = writer.begin()
  writeMetadata(out, 0x22, record.headers)
  out.name(0x1a, record.topic)
  out.bytes(0x12, record.value)
  if (record.key !== undefined) out.string(0x0a, record.key)
  return out.finish()
}

/** The value to send to a Kafka egress. */
export function kafkaRecordValue(record: KafkaProducerRecord): TypedValue {
  return {
    typename: KAFKA_PRODUCER_RECORD,
    hasValue: true,
    value: encodeKafkaProducerRecord(record),
    metadata: undefined,
  }
}

/**
 * Decodes a record; `value` and header values are views of `bytes`. Sinks that write many use
 * {@link readKafkaProducerRecord}.
 *
 * @throws StatefunError `SF_PROTOCOL_MALFORMED`
 */
export function decodeKafkaProducerRecord(bytes: Uint8Array): KafkaProducerRecord {
  const reader = new Reader(bytes)
  let key = ''
  let value = NO_BYTES
  let topic = ''
  const headers: Metadata[] = []
  while (reader.pos < reader.end) {
    const tag = reader.tag('KafkaProducerRecord')
    switch (tag >>> 3) {
      case 1:
        key = reader.string(tag, 'KafkaProducerRecord.key')
        break
      case 2:
        value = reader.view(tag, 'KafkaProducerRecord.value_bytes')
        break
      case 3:
        topic = reader.name(tag, 'KafkaProducerRecord.topic')
        break
      case 4:
        headers.push(readMetadata(reader, tag, 'KafkaProducerRecord.headers'))
        break
      default:
        reader.skip(tag, 'KafkaProducerRecord')
    }
  }
  return { topic, key: key === '' ? undefined : key, value, headers }
}
