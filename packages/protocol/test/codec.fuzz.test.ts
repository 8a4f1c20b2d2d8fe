import { type DescMessage, equals, fromBinary, isMessage, type Message, toBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeFromFunction,
  decodeToFunction,
  encodeFromFunction,
  encodeToFunction,
  StatefunError,
} from '../src/index.ts'
import { bytes, functionResponse, invocationBatch } from './arbitraries.ts'
import { fromEsFromFunction, fromEsToFunction, toEsFromFunction, toEsToFunction } from './es-messages.ts'
import { FromFunctionSchema, ToFunctionSchema } from './gen/request-reply_pb.js'

/** The two directions of the protocol, each with its codec and that of protobuf-es. */
function directions() {
  return [
    direction({
      name: 'ToFunction',
      arbitrary: invocationBatch,
      schema: ToFunctionSchema,
      encode: encodeToFunction,
      decode: decodeToFunction,
      toEs: toEsToFunction,
      fromEs: fromEsToFunction,
    }),
    direction({
      name: 'FromFunction',
      arbitrary: functionResponse,
      schema: FromFunctionSchema,
      encode: encodeFromFunction,
      decode: decodeFromFunction,
      toEs: toEsFromFunction,
      fromEs: fromEsFromFunction,
    }),
  ]
}

interface Direction<T, Es extends Message> {
  readonly name: string
  readonly arbitrary: fc.Arbitrary<T>
  readonly schema: DescMessage
  readonly encode: (value: T) => Uint8Array
  readonly decode: (bytes: Uint8Array) => T | undefined
  readonly toEs: (value: T) => Es
  readonly fromEs: (message: Es) => T | undefined
}

function direction<T, Es extends Message>(way: Direction<T, Es>) {
  const esDecode = (bytes: Uint8Array) => fromBinary(way.schema, bytes) as Es
  const esEncode = (value: T) => toBinary(way.schema, way.toEs(value))
  return {
    name: way.name,

    oursToEs: () =>
      fc.assert(
        fc.property(way.arbitrary, (value) => {
          expect(equals(way.schema, esDecode(way.encode(value)), way.toEs(value))).toBe(true)
        }),
      ),

    esToOurs: () =>
      fc.assert(
        fc.property(way.arbitrary, (value) => {
          expect(way.decode(plain(esEncode(value)))).toEqual(value)
        }),
      ),

    unknownFields: () =>
      fc.assert(
        fc.property(way.arbitrary, fc.infiniteStream(unknownField), (value, fields) => {
          const message = way.toEs(value)
          addUnknownFields(message, fields)
          expect(way.decode(plain(toBinary(way.schema, message)))).toEqual(value)
        }),
      ),

    merging: () =>
      fc.assert(
        fc.property(way.arbitrary, way.arbitrary, (first, second) => {
          const both = Uint8Array.from([...way.encode(first), ...way.encode(second)])
          expect(way.decode(both)).toEqual(way.fromEs(esDecode(both)))
        }),
      ),

    mutations: () =>
      fc.assert(
        fc.property(way.arbitrary, fc.array(mutation, { minLength: 1, maxLength: 4 }), (value, mutations) => {
          const damaged = mutations.reduce(mutate, way.encode(value))
          const decoded = expectValueOrMalformed(damaged, way.decode, way.encode)
          const second = attempt(() => way.fromEs(esDecode(damaged)))
          if (decoded !== undefined && second !== undefined) expect(decoded).toEqual(second)
        }),
        { numRuns: 500 },
      ),

    noise: () =>
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
          expectValueOrMalformed(noise, way.decode, way.encode)
        }),
        { numRuns: 500 },
      ),

    truncations: () =>
      fc.assert(
        fc.property(way.arbitrary, (value) => {
          const whole = way.encode(value)
          for (let length = 1; length < whole.length; length++) {
            expect(() => way.decode(whole.subarray(0, length))).toThrow(StatefunError)
          }
        }),
        { numRuns: 30 },
      ),
  }
}

/** A plain Uint8Array in the middle of a larger buffer: offsets that are not zero must not matter. */
function plain(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(bytes.length + 9).fill(0xff)
  padded.set(bytes, 5)
  return padded.subarray(5, 5 + bytes.length)
}

/** What decodes must also survive another round; what does not must say where it is wrong. */
function expectValueOrMalformed<T>(
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => T | undefined,
  encode: (value: T) => Uint8Array,
): T | undefined {
  let value: T | undefined
  try {
    value = decode(bytes)
  } catch (error) {
    if (!(error instanceof StatefunError)) throw error
    expect(error.code).toBe('SF_PROTOCOL_MALFORMED')
    const offset = /byte (\d+)$/.exec(error.where ?? '')?.[1]
    expect(Number(offset)).toBeLessThanOrEqual(bytes.length)
    return undefined
  }
  if (value !== undefined) expect(decode(encode(value))).toEqual(value)
  return value
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}

type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never
const mutation = fc.record({
  kind: fc.constantFrom('replace', 'insert', 'remove', 'truncate', 'repeat'),
  at: fc.nat(),
  byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0x00, 0x0a, 0x7f, 0x80, 0xff)),
})

function mutate(bytes: Uint8Array, { kind, at, byte }: Mutation): Uint8Array {
  const list = [...bytes]
  const index = list.length === 0 ? 0 : at % list.length
  if (kind === 'replace') list[index] = byte
  else if (kind === 'insert') list.splice(index, 0, byte)
  else if (kind === 'remove') list.splice(index, 1)
  else if (kind === 'truncate') list.length = index
  else list.splice(index, 0, ...list.slice(index, index + byte))
  return Uint8Array.from(list)
}

interface UnknownField {
  readonly no: number
  readonly wireType: number
  readonly data: Uint8Array
}

const content: fc.Arbitrary<Omit<UnknownField, 'no'>> = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => ({ wireType: 0, data: varint(value) })),
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((data) => ({ wireType: 1, data })),
  bytes.map((value) => ({
    wireType: 2,
    data: Uint8Array.from([...varint(BigInt(value.length)), ...value]),
  })),
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((data) => ({ wireType: 5, data })),
)

/** No field of any message has one of these numbers. */
const unknownNumber = fc.oneof(fc.integer({ min: 200, max: 18_999 }), fc.constantFrom(20, 536_870_911))

const unknownField: fc.Arbitrary<UnknownField> = fc.oneof(
  fc.record({ no: unknownNumber, field: content }).map(({ no, field }) => ({ no, ...field })),
  // A group holds fields of any number and ends with its own: 1 is known elsewhere, inside it is not.
  fc.record({ no: unknownNumber, inner: content }).map(({ no, inner }) => ({
    no,
    wireType: 3,
    data: Uint8Array.from([
      ...varint(BigInt(8 + inner.wireType)),
      ...inner.data,
      ...varint(BigInt(no) * 8n + 4n),
    ]),
  })),
)

function varint(value: bigint): Uint8Array {
  const groups: number[] = []
  let rest = value
  for (; rest > 0x7fn; rest >>= 7n) groups.push(Number(rest & 0x7fn) | 0x80)
  return Uint8Array.from([...groups, Number(rest)])
}

/** Gives every message of a tree an unknown field. */
function addUnknownFields(value: unknown, fields: Iterator<UnknownField>): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  for (const child of Object.values(value)) addUnknownFields(child, fields)
  if (isMessage(value)) value.$unknown = [fields.next().value]
}

// A busy machine may take long over the thousands of messages.
describe.each(directions())('$name', { timeout: 60_000 }, (way) => {
  test('what we encode, protobuf-es decodes to the same', () => way.oursToEs())
  test('what protobuf-es encodes, we decode to the same', () => way.esToOurs())
  test('unknown fields in every message are skipped', () => way.unknownFields())
  test('two messages in a row merge as protobuf merges them', () => way.merging())
  test('damaged messages decode as protobuf-es does or name their fault', () => way.mutations())
  test('noise decodes or names its fault', () => way.noise())
  test('every truncation within a message is noticed', () => way.truncations())
})
