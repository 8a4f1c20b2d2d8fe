import { Buffer } from 'node:buffer'
import { malformed } from '../wire/malformed.ts'
import type { MultiCallLimits } from './offer.ts'

/** Bytes before the first call, and before each call. */
const HEAD_BYTES = 2
export const CALL_HEAD_BYTES = 4

/** As a protobuf tag it has wire type 7, which no parser takes: nobody runs a part of such a body as a `ToFunction`. */
const MAGIC = 0x0f
const VERSION = 1

/**
 * Encodes several calls as the body of one request; a call's index is its place.
 *
 *     request := 0x0f  version(0x01)  call*
 *     call    := length(uint32)  ToFunction        numbers are big endian
 */
export function encodeMultiCall(calls: readonly Uint8Array[]): Uint8Array {
  let length = HEAD_BYTES
  for (const call of calls) length += CALL_HEAD_BYTES + call.length
  const bytes = Buffer.allocUnsafe(length)
  bytes[0] = MAGIC
  bytes[1] = VERSION
  let at = HEAD_BYTES
  for (const call of calls) {
    at = bytes.writeUInt32BE(call.length, at)
    bytes.set(call, at)
    at += call.length
  }
  return bytes
}

/**
 * Takes the body of a request apart. The calls are views of `bytes` and not decoded.
 *
 * @throws StatefunError `SF_PROTOCOL_MALFORMED`; also for no call at all and for more than `maxCalls`
 */
export function decodeMultiCall(
  bytes: Uint8Array,
  { maxCalls }: Pick<MultiCallLimits, 'maxCalls'>,
): Uint8Array[] {
  if (bytes[0] !== MAGIC || bytes[1] !== VERSION) throw malformed('multi-call', 0, 'an unknown version')
  const { buffer, byteOffset } = bytes
  const view = new DataView(buffer, byteOffset, bytes.length)
  const calls: Uint8Array[] = []
  for (let at = HEAD_BYTES; at < bytes.length; ) {
    if (calls.length === maxCalls) throw malformed('multi-call', at, `more than ${maxCalls} calls`)
    if (bytes.length - at < CALL_HEAD_BYTES)
      throw malformed('multi-call', at, 'the length of a call is cut off')
    const length = view.getUint32(at)
    at += CALL_HEAD_BYTES
    if (length > bytes.length - at) throw malformed('multi-call', at, `a call of ${length} bytes is cut off`)
    calls.push(new Uint8Array(buffer, byteOffset + at, length))
    at += length
  }
  if (calls.length === 0) throw malformed('multi-call', HEAD_BYTES, 'no call')
  return calls
}
