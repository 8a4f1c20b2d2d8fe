import { StatefunError } from '../statefun-error.ts'
import { parseTypename } from '../typename.ts'
import { fromUtf8, toUtf8 } from '../wire/utf8.ts'
import type { Type } from './type.ts'

/**
 * Bytes as they are, without a wrapper (contract 2.2). Nothing is copied: do not change what you passed in or received.
 *
 * @throws StatefunError `SF_TYPENAME_INVALID`
 */
export function bytesType(typename: string): Type<Uint8Array> {
  parseTypename(typename)
  return {
    typename,
    holds: (value) => value instanceof Uint8Array,
    serialize(value) {
      if (value instanceof Uint8Array) return value
      throw refused(typename, value, 'a Uint8Array')
    },
    deserialize: (bytes) => bytes,
  }
}

/**
 * Text as bare UTF-8, without a wrapper: what other systems write into Kafka as a string. `types.string` is **not** that, it
 * is a wrapper message. Invalid UTF-8 becomes U+FFFD.
 *
 * @throws StatefunError `SF_TYPENAME_INVALID`
 */
export function textType(typename: string): Type<string> {
  parseTypename(typename)
  return {
    typename,
    immutable: true,
    holds: (value) => typeof value === 'string',
    serialize(value) {
      if (typeof value === 'string') return toUtf8(value)
      throw refused(typename, value, 'a string')
    },
    deserialize: fromUtf8,
  }
}

/**
 * JSON text in UTF-8, the convention of the other SDKs (contract 2.2). `T` is a promise of the caller: nothing checks it.
 *
 * `serialize` throws StatefunError `SF_TYPE_RANGE` for what JSON cannot say (undefined, a function, a bigint, a cycle),
 * `deserialize` throws `SF_TYPE_MALFORMED`.
 *
 * @throws StatefunError `SF_TYPENAME_INVALID`
 * @example
 * const add = jsonType<{ delta: number }>('example/add')
 */
export function jsonType<T>(typename: string): Type<T> {
  parseTypename(typename)
  return {
    typename,
    serialize(value) {
      let json: string | undefined
      let cause: unknown
      try {
        json = JSON.stringify(value)
      } catch (error) {
        cause = error
      }
      if (json === undefined) throw refused(typename, value, 'a value that JSON can say', cause)
      return toUtf8(json)
    },
    deserialize(bytes) {
      try {
        return JSON.parse(fromUtf8(bytes)) as T
      } catch (cause) {
        throw new StatefunError('SF_TYPE_MALFORMED', `a value of ${typename} is not JSON`, {
          where: typename,
          cause,
        })
      }
    },
  }
}

/**
 * A type with an encoding of the caller's own; the bytes travel unwrapped (contract 2.2).
 *
 * @throws StatefunError `SF_TYPENAME_INVALID`
 * @example
 * const date = customType('example/date', (value: Date) => encode(value.toISOString()), (bytes) => new Date(decode(bytes)))
 */
export function customType<T>(
  typename: string,
  serialize: (value: T) => Uint8Array,
  deserialize: (bytes: Uint8Array) => T,
): Type<T> {
  parseTypename(typename)
  return { typename, serialize, deserialize }
}

function refused(typename: string, value: unknown, allowed: string, cause?: unknown): StatefunError {
  return new StatefunError(
    'SF_TYPE_RANGE',
    `a ${typeof value} is not a value of ${typename}: it takes ${allowed}`,
    {
      where: typename,
      cause,
    },
  )
}
