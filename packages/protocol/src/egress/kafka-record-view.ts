import type { Metadata } from '../messages.ts'
import { readMetadata } from '../wire/metadata.ts'
import { NO_BYTES } from '../wire/no-bytes.ts'
import { Reader } from '../wire/reader.ts'

/**
 * A `KafkaProducerRecord` as ranges of its encoded bytes, to be filled again and again by {@link readKafkaProducerRecord}.
 * Key and value are copied straight from `bytes` into a produce request, without a string or a view in between.
 */
export class KafkaRecordView {
  /** The encoded record that the ranges refer to. */
  bytes: Uint8Array = NO_BYTES
  topic = ''
  /** The key is `bytes[keyStart, keyEnd)`; an empty range is a record without key (contract 2.3). */
  keyStart = 0
  keyEnd = 0
  /** The value is `bytes[valueStart, valueEnd)`. */
  valueStart = 0
  valueEnd = 0
  /** Undefined when there is none. Header values are views of `bytes`. */
  headers: Metadata[] | undefined = undefined
}

/**
 * Decodes a `KafkaProducerRecord` into `into`, every field of which is set. The key's UTF-8 is not looked at.
 *
 * @throws StatefunError `SF_PROTOCOL_MALFORMED`; `into` is then half filled
 * @example
 * const view = new KafkaRecordView()
 * for (const value of values) {
 *   readKafkaProducerRecord(value.value, view)
 *   append(view.topic, view.bytes, view.valueStart, view.valueEnd)
 * }
 */
export function readKafkaProducerRecord(bytes: Uint8Array, into: KafkaRecordView): void {
  const reader = new Reader(bytes)
  into.bytes = bytes
  into.topic = ''
  into.keyStart = 0
  into.keyEnd = 0
  into.valueStart = 0
  into.valueEnd = 0
  into.headers = undefined
  while (reader.pos < reader.end) {
    const tag = reader.tag('KafkaProducerRecord')
    switch (tag >>> 3) {
      case 1:
        into.keyStart = reader.rangeStart(tag, 'KafkaProducerRecord.key')
        into.keyEnd = reader.pos
        break
      case 2:
        into.valueStart = reader.rangeStart(tag, 'KafkaProducerRecord.value_bytes')
        into.valueEnd = reader.pos
        break
      case 3:
        into.topic = reader.name(tag, 'KafkaProducerRecord.topic')
        break
      case 4: {
        const header = readMetadata(reader, tag, 'KafkaProducerRecord.headers')
        if (into.headers === undefined) into.headers = [header]
        else into.headers.push(header)
        break
      }
      default:
        reader.skip(tag, 'KafkaProducerRecord')
    }
  }
}
