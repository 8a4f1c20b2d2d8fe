import type { Metadata, TypedValue } from '../messages.ts'
import { readMetadata, writeMetadata } from './metadata.ts'
import { NO_BYTES } from './no-bytes.ts'
import type { Reader } from './reader.ts'
import { TypedValueView } from './typed-value-view.ts'
import type { Writer } from './writer.ts'

/** What a `TypedValue` field that is not on the wire means. */
export const NO_VALUE: TypedValue = Object.freeze({
  typename: '',
  hasValue: false,
  value: NO_BYTES,
  metadata: undefined,
})

/**
 * Reads a nested `TypedValue`: 1 typename, 2 has_value, 3 value, 4 metadata. The bytes are viewed when asked for.
 *
 * @param previous the same field read earlier in this message; protobuf merges the two
 */
export function readTypedValue(
  reader: Reader,
  tag: number,
  field: string,
  previous: TypedValueView | undefined,
): TypedValueView {
  const outer = reader.enter(tag, field)
  let typename = ''
  let hasValue = false
  let start = 0
  let end = 0
  let metadata: Metadata[] | undefined
  if (previous !== undefined) {
    typename = previous.typename
    hasValue = previous.hasValue
    start = previous.start
    end = previous.end
    if (previous.metadata !== undefined) metadata = [...previous.metadata]
  }
  while (reader.pos < reader.end) {
    const tag = reader.tag('TypedValue')
    switch (tag >>> 3) {
      case 1:
        typename = reader.name(tag, 'TypedValue.typename')
        break
      case 2:
        hasValue = reader.bool(tag, 'TypedValue.has_value')
        break
      case 3:
        start = reader.rangeStart(tag, 'TypedValue.value')
        end = reader.pos
        break
      case 4: {
        const header = readMetadata(reader, tag, 'TypedValue.metadata')
        if (metadata === undefined) metadata = [header]
        else metadata.push(header)
        break
      }
      default:
        reader.skip(tag, 'TypedValue')
    }
  }
  reader.end = outer
  return new TypedValueView(typename, hasValue, metadata, reader.bytes, start, end)
}

/** The value as a plain object; undefined is a field that is not on the wire. */
export function plainTypedValue(typed: TypedValue | undefined): TypedValue {
  if (typed === undefined) return NO_VALUE
  const { typename, hasValue, value, metadata } = typed
  return { typename, hasValue, value, metadata }
}

/** Writes a nested `TypedValue`, also an empty one. */
export function writeTypedValue(writer: Writer, tag: number, typed: TypedValue): void {
  const mark = writer.mark()
  if (typed.metadata !== undefined) writeMetadata(writer, 0x22, typed.metadata)
  writer.bytes(0x1a, typed.value)
  writer.bool(0x10, typed.hasValue)
  writer.name(0x0a, typed.typename)
  writer.message(tag, mark)
}
