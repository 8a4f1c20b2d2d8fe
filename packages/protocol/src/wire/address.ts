import type { Address } from '../messages.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

/**
 * Reads a nested `Address`: 1 namespace, 2 type, 3 id.
 *
 * @param previous the same field read earlier in this message; protobuf merges the two
 */
export function readAddress(
  reader: Reader,
  tag: number,
  field: string,
  previous: Address | undefined,
): Address {
  const outer = reader.enter(tag, field)
  let namespace = ''
  let type = ''
  let id = ''
  if (previous !== undefined) {
    namespace = previous.namespace
    type = previous.type
    id = previous.id
  }
  while (reader.pos < reader.end) {
    const tag = reader.tag('Address')
    switch (tag >>> 3) {
      case 1:
        namespace = reader.name(tag, 'Address.namespace')
        break
      case 2:
        type = reader.name(tag, 'Address.type')
        break
      case 3:
        id = reader.string(tag, 'Address.id')
        break
      default:
        reader.skip(tag, 'Address')
    }
  }
  reader.end = outer
  return { namespace, type, id }
}

/** Writes a nested `Address`, also an empty one. */
export function writeAddress(writer: Writer, tag: number, address: Address): void {
  const mark = writer.mark()
  writer.string(0x1a, address.id)
  writer.name(0x12, address.type)
  writer.name(0x0a, address.namespace)
  writer.message(tag, mark)
}
