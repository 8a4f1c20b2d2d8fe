import { type Metadata, StatefunError, types } from '@statefun/protocol'
import { copyBytes } from './copy-bytes.ts'
import { TypedPayload } from './typed.ts'
import type { ValueType } from './value-type.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** What a header may be given as: raw bytes, text (UTF-8), a {@link TypedPayload}, or null for a header without a value. */
export type HeaderValue = Uint8Array | string | TypedPayload | null

/**
 * Headers to attach: pairs in order (duplicates kept, a null key means ''), an object for the simple case, or the headers of
 * a message received before.
 */
export type HeadersInput =
  | MessageHeaders
  | readonly (readonly [key: string | null, value: HeaderValue])[]
  | { readonly [key: string]: HeaderValue }

/**
 * One transport header. The accessors never throw: they give null when the header has no value or when its bytes are not
 * of the asked kind (contract 3.6). Number and boolean accessors read the encodings of `io.statefun.types/*`, not text.
 */
export class Header {
  readonly key: string
  /** The raw bytes, not to be changed; null when the header has no value. */
  readonly value: Uint8Array | null

  constructor(key: string, value: Uint8Array | null) {
    this.key = key
    this.value = value
  }

  /** The value as UTF-8 text. */
  utf8(): string | null {
    if (this.value === null) return null
    try {
      return decoder.decode(this.value)
    } catch {
      return null
    }
  }

  int(): number | null {
    return this.as(types.int)
  }

  long(): bigint | null {
    return this.as(types.long)
  }

  float(): number | null {
    return this.as(types.float)
  }

  double(): number | null {
    return this.as(types.double)
  }

  bool(): boolean | null {
    return this.as(types.bool)
  }

  /** The value decoded by any type. */
  as<Out>(type: ValueType<Out, never>): Out | null {
    if (this.value === null) return null
    try {
      return type.deserialize(this.value)
    } catch {
      return null
    }
  }
}

/** The headers of a message: immutable, in order, duplicates kept (contract 3.6). */
export class MessageHeaders implements Iterable<Header> {
  readonly #headers: readonly Header[]

  constructor(metadata: readonly Metadata[] = []) {
    this.#headers = metadata.map((entry) => new Header(entry.key, entry.value))
  }

  get length(): number {
    return this.#headers.length
  }

  /** The first header with this key. */
  first(key: string): Header | undefined {
    return this.#headers.find((header) => header.key === key)
  }

  /** The last header with this key, which is what Kafka's `lastHeader` means. */
  last(key: string): Header | undefined {
    return this.#headers.findLast((header) => header.key === key)
  }

  /** All headers with this key, in order. */
  all(key: string): readonly Header[] {
    return this.#headers.filter((header) => header.key === key)
  }

  [Symbol.iterator](): Iterator<Header> {
    return this.#headers.values()
  }
}

/** The empty list, shared. */
export const NO_HEADERS = new MessageHeaders()

/** @throws StatefunError `SF_SDK_HEADER_INVALID` */
export function encodeHeaders(input: HeadersInput | undefined): readonly Metadata[] | undefined {
  if (input === undefined) return undefined
  const encoded: Metadata[] = []
  if (input instanceof MessageHeaders) {
    for (const { key, value } of input) encoded.push({ key, value })
  } else {
    const pairs: Iterable<readonly [string | null, HeaderValue]> = Array.isArray(input)
      ? (input as readonly (readonly [string | null, HeaderValue])[])
      : Object.entries(input)
    for (const [key, value] of pairs) encoded.push({ key: key ?? '', value: encodeHeaderValue(key, value) })
  }
  return encoded.length === 0 ? undefined : encoded
}

function encodeHeaderValue(key: string | null, value: HeaderValue): Uint8Array | null {
  if (value === null) return null
  if (typeof value === 'string') return encoder.encode(value)
  if (value instanceof Uint8Array) return copyBytes(value)
  if (value instanceof TypedPayload) return value.bytes
  throw new StatefunError('SF_SDK_HEADER_INVALID', `header "${key}" is a ${typeof value}`, {
    hint: 'give text, bytes, null, or typed(type, value)',
  })
}
