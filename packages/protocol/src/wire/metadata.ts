import type { Metadata } from '../messages.ts'
import { NO_BYTES } from './no-bytes.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

/** Reads `TypedValue.Metadata` or `KafkaProducerRecord.Header`, which are alike: 1 key, 2 value, 3 has_value. */
export function readMetadata(reader: Reader, tag: number, field: string): Metadata {
  const outer = reader.enter(tag, field)
  let key = ''
  let value = NO_BYTES
  let hasValue = false
  while (reader.pos < reader.end) {
    const tag = reader.tag(field)
    switch (tag >>> 3) {
      case 1:
        key = reader.name(tag, field)
        break
      case 2:
        value = reader.view(tag, field)
        break
      case 3:
        hasValue = reader.bool(tag, field)
        break
      default:
        reader.skip(tag, field)
    }
  }
  reader.end = outer
  return { key, value: hasValue ? value : null }
}

/** Writes headers in their order. */
export function writeMetadata(writer: Writer, tag: number, list: readonly Metadata[]): void {
  for (let index = list.length - 1; index >= 0; index--) {
    const { key, value } = list[index]!
    const mark = writer.mark()
    if (value !== null) {
      writer.bool(0x18, true)
      writer.bytes(0x12, value)
    }
    writer.name(0x0a, key)
    writer.message(tag, mark)
  }
}
