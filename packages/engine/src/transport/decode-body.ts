import { promisify } from 'node:util'
import { gunzip, inflate, inflateRaw } from 'node:zlib'

/** Encodings of an answer that are understood (contract 1.2). */
export type ContentEncoding = 'identity' | 'gzip' | 'deflate'

/** Undefined when the encoding is not understood. */
export function contentEncodingOf(header: string | string[]): ContentEncoding | undefined {
  if (typeof header !== 'string') return undefined
  return ENCODINGS.get(header.trim().toLowerCase())
}

/**
 * Decompresses an answer, away from the event loop.
 *
 * `deflate` means zlib format by the standard and a bare deflate stream by habit; both are read.
 *
 * @throws Error (rejects) when the stream is broken, or as soon as more than `maxBytes` would come out of it
 */
export async function decodeBody(
  body: Uint8Array,
  encoding: 'gzip' | 'deflate',
  maxBytes: number,
): Promise<Uint8Array> {
  const options = { maxOutputLength: Math.max(maxBytes, 1) }
  try {
    if (encoding === 'gzip') return await gunzipAsync(body, options)
    return await (isZlib(body) ? inflateAsync(body, options) : inflateRawAsync(body, options))
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new Error(`the answer is larger than ${maxBytes} bytes once decompressed`, { cause })
    }
    throw new Error(`the ${encoding} answer cannot be decompressed: ${(cause as Error).message}`, { cause })
  }
}

/** RFC 1950: method 8 in the low bits, and the first two bytes are a multiple of 31. */
function isZlib(body: Uint8Array): boolean {
  const [first = 0, second = 0] = body
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0
}

const gunzipAsync = promisify(gunzip)
const inflateAsync = promisify(inflate)
const inflateRawAsync = promisify(inflateRaw)

const ENCODINGS: ReadonlyMap<string, ContentEncoding> = new Map([
  ['identity', 'identity'],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
])
