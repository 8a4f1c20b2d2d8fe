import { inspect } from 'node:util'
import { StatefunError } from '../statefun-error.ts'
import { NO_BYTES } from '../wire/no-bytes.ts'
import { Reader } from '../wire/reader.ts'
import { writer } from '../wire/writer.ts'
import { fixedView, loadFixed, storeFixed } from './fixed-width.ts'
import type { Type } from './type.ts'

/** Tags of the one field, `value` = 1. */
const VARINT = 0x08
const FIXED64 = 0x09
const LENGTH_DELIMITED = 0x0a
const FIXED32 = 0x0d

const INT_MIN = -(2 ** 31)
const INT_MAX = 2 ** 31 - 1
const LONG_MIN = -(2n ** 63n)
const LONG_MAX = 2n ** 63n - 1n

const bool: Type<boolean> = {
  typename: 'io.statefun.types/bool',
  immutable: true,
  holds: (value) => typeof value === 'boolean',
  serialize(value) {
    if (typeof value !== 'boolean') throw outOfRange(bool, value, 'true or false')
    return value ? Uint8Array.of(VARINT, 1) : NO_BYTES
  },
  deserialize: (bytes) => readBool(bytes, 0, bytes.length),
  deserializeRange: readBool,
}

const int: Type<number> = {
  typename: 'io.statefun.types/int',
  immutable: true,
  holds: isInt,
  serialize(value) {
    if (!isInt(value)) throw outOfRange(int, value, `a whole number from ${INT_MIN} to ${INT_MAX}`)
    // -0 is the whole number 0, the default.
    if (value === 0) return NO_BYTES
    fixedView.setInt32(0, value, true)
    return storeFixed(FIXED32, 4)
  },
  deserialize: (bytes) => readInt(bytes, 0, bytes.length),
  deserializeRange: readInt,
}

const long: Type<bigint> = {
  typename: 'io.statefun.types/long',
  immutable: true,
  holds: isLong,
  serialize(value) {
    if (!isLong(value)) throw outOfRange(long, value, `a bigint from ${LONG_MIN} to ${LONG_MAX}`)
    if (value === 0n) return NO_BYTES
    fixedView.setBigInt64(0, value, true)
    return storeFixed(FIXED64, 8)
  },
  deserialize: (bytes) => readLong(bytes, 0, bytes.length),
  deserializeRange: readLong,
}

const float: Type<number> = {
  typename: 'io.statefun.types/float',
  immutable: true,
  holds: isFloat,
  serialize(value) {
    if (!isFloat(value)) throw outOfRange(float, value, 'a number that 32 bits can hold')
    fixedView.setFloat32(0, value, true)
    // Only all zero bits are the default: -0 is a value of its own (contract 2.1).
    return fixedView.getInt32(0, true) === 0 ? NO_BYTES : storeFixed(FIXED32, 4)
  },
  deserialize: (bytes) => readFloat(bytes, 0, bytes.length),
  deserializeRange: readFloat,
}

const double: Type<number> = {
  typename: 'io.statefun.types/double',
  immutable: true,
  holds: (value) => typeof value === 'number',
  serialize(value) {
    if (typeof value !== 'number') throw outOfRange(double, value, 'a number')
    if (Object.is(value, 0)) return NO_BYTES
    fixedView.setFloat64(0, value, true)
    return storeFixed(FIXED64, 8)
  },
  deserialize: (bytes) => readDouble(bytes, 0, bytes.length),
  deserializeRange: readDouble,
}

const string: Type<string> = {
  typename: 'io.statefun.types/string',
  immutable: true,
  holds: (value) => typeof value === 'string',
  serialize(value) {
    if (typeof value !== 'string') throw outOfRange(string, value, 'a string')
    if (value === '') return NO_BYTES
    const out = writer.begin()
    out.string(LENGTH_DELIMITED, value)
    return out.finish()
  },
  deserialize: (bytes) => readString(bytes, 0, bytes.length),
  deserializeRange: readString,
}

/**
 * The built-in types (contract 2.1). Their values travel in protobuf wrapper messages, in the one canonical encoding that
 * every SDK reads; decoding also takes explicit defaults and unknown fields. A default (0, '', false) is zero bytes, which
 * is a present value.
 *
 * | | JavaScript | wire |
 * |---|---|---|
 * | `bool` | boolean | varint |
 * | `int` | number, -2^31 to 2^31-1 | sfixed32 |
 * | `long` | bigint, -2^63 to 2^63-1 | sfixed64 |
 * | `float` | number, rounded to 32 bits | IEEE 754 |
 * | `double` | number | IEEE 754 |
 * | `string` | string | UTF-8 |
 *
 * `serialize` throws StatefunError `SF_TYPE_RANGE`, `deserialize` `SF_PROTOCOL_MALFORMED`.
 *
 * @example
 * types.long.serialize(3n) // 09 03 00 00 00 00 00 00 00
 */
export const types: {
  readonly bool: Type<boolean>
  readonly int: Type<number>
  readonly long: Type<bigint>
  readonly float: Type<number>
  readonly double: Type<number>
  readonly string: Type<string>
} = Object.freeze({ bool, int, long, float, double, string })

function isInt(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= INT_MIN && value <= INT_MAX
}

function isLong(value: unknown): boolean {
  return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
}

function isFloat(value: unknown): boolean {
  return typeof value === 'number' && (Number.isFinite(Math.fround(value)) || !Number.isFinite(value))
}

function readBool(source: Uint8Array, start: number, end: number): boolean {
  let value = false
  eachField(source, start, end, 'BooleanWrapper', (reader, tag) => {
    value = reader.bool(tag, 'BooleanWrapper.value')
  })
  return value
}

function readInt(source: Uint8Array, start: number, end: number): number {
  const at = valueStart(source, start, end, 'IntWrapper', FIXED32, 4)
  return at < 0 ? 0 : int32At(source, at)
}

function readLong(source: Uint8Array, start: number, end: number): bigint {
  const at = valueStart(source, start, end, 'LongWrapper', FIXED64, 8)
  if (at < 0) return 0n
  const low = int32At(source, at)
  // Most numbers are small: then the upper half only repeats the sign.
  return int32At(source, at + 4) === low >> 31 ? BigInt(low) : loadFixed(source, at, 8).getBigInt64(0, true)
}

/** By shifts: to store four bytes and load them as one number makes the processor wait for itself (measured). */
function int32At(source: Uint8Array, at: number): number {
  return source[at]! | (source[at + 1]! << 8) | (source[at + 2]! << 16) | (source[at + 3]! << 24)
}

function readFloat(source: Uint8Array, start: number, end: number): number {
  const at = valueStart(source, start, end, 'FloatWrapper', FIXED32, 4)
  return at < 0 ? 0 : loadFixed(source, at, 4).getFloat32(0, true)
}

function readDouble(source: Uint8Array, start: number, end: number): number {
  const at = valueStart(source, start, end, 'DoubleWrapper', FIXED64, 8)
  return at < 0 ? 0 : loadFixed(source, at, 8).getFloat64(0, true)
}

function readString(source: Uint8Array, start: number, end: number): string {
  let value = ''
  eachField(source, start, end, 'StringWrapper', (reader, tag) => {
    value = reader.string(tag, 'StringWrapper.value')
  })
  return value
}

/** Where the fixed-width value of a wrapper starts, or -1 when it is left out. The canonical form takes no loop. */
function valueStart(
  source: Uint8Array,
  start: number,
  end: number,
  message: string,
  tag: number,
  size: 4 | 8,
): number {
  if (end - start === size + 1 && source[start] === tag) return start + 1
  let at = -1
  eachField(source, start, end, message, (reader, tag) => {
    at = reader.fixed(tag, `${message}.value`, size)
  })
  return at
}

/** Calls `read` for every field 1, the last of which counts, and skips all others. */
function eachField(
  source: Uint8Array,
  start: number,
  end: number,
  message: string,
  read: (reader: Reader, tag: number) => void,
): void {
  if (start === end) return
  const reader = new Reader(source, start, end)
  while (reader.pos < reader.end) {
    const tag = reader.tag(message)
    if (tag >>> 3 === 1) read(reader, tag)
    else reader.skip(tag, message)
  }
}

function outOfRange(type: { readonly typename: string }, value: unknown, allowed: string): StatefunError {
  const shown = inspect(value, { depth: 0, maxStringLength: 60 })
  return new StatefunError(
    'SF_TYPE_RANGE',
    `${shown} is not a value of ${type.typename}: it takes ${allowed}`,
    {
      where: type.typename,
    },
  )
}
