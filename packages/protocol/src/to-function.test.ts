import { describe, expect, test } from 'vitest'
import { hex, toHex } from '../test/hex.ts'
import { thrown } from '../test/thrown.ts'
import type { Invocation, InvocationBatch, Metadata, TypedValue } from './messages.ts'
import { decodeToFunction, encodeToFunction, readToFunction } from './to-function.ts'
import { types } from './types/builtin-types.ts'
import { TypedValueView } from './wire/typed-value-view.ts'

/** Written by hand from the tables of contract 1.1. */
const GOLDEN = `
  a206 61                                     # 100 invocation
    0a 0b 0a026e73 120274 66 1a01 37          #   1 target: ns, "tf", "7"
    12 15 0a0161                              #   2 state: "a"
      12 10 0a03622f63 1001 1a07 0102030405 0607
    12 03 0a0162                              #   2 state: "b", without a value
    1a 23 0a 07 0a0178 1a02c3a9               #   3 invocation, caller x, no type, "é"
      12 18 0a03622f63 1001                   #     argument of b/c, has_value, without bytes
        22 05 0a016b 1801                     #       4 metadata: k = empty, present
        22 08 0a016b 120102 1801              #       4 metadata: k again = 02
    1a 11 12 0f 0a03622f63                    #   3 invocation without a caller and without a value
      22 08 0a066e756c6c6f2e                  #       4 metadata "nullo." without a value
`

const BATCH: InvocationBatch = {
  target: { namespace: 'ns', type: 'tf', id: '7' },
  state: [
    {
      stateName: 'a',
      stateValue: {
        typename: 'b/c',
        hasValue: true,
        value: Uint8Array.of(1, 2, 3, 4, 5, 6, 7),
        metadata: undefined,
      },
    },
    { stateName: 'b', stateValue: undefined },
  ],
  invocations: [
    {
      caller: { namespace: 'x', type: '', id: 'é' },
      argument: {
        typename: 'b/c',
        hasValue: true,
        value: new Uint8Array(0),
        metadata: [
          { key: 'k', value: new Uint8Array(0) },
          { key: 'k', value: Uint8Array.of(2) },
        ],
      },
    },
    {
      caller: undefined,
      argument: {
        typename: 'b/c',
        hasValue: false,
        value: new Uint8Array(0),
        metadata: [{ key: 'nullo.', value: null }],
      },
    },
  ],
}

function golden(): Uint8Array {
  return hex(GOLDEN.replaceAll(/#.*$/gm, ''))
}

test('encodes as the contract says', () => {
  expect(toHex(encodeToFunction(BATCH))).toBe(toHex(golden()))
})

test('decodes what the contract says', () => {
  expect(decodeToFunction(golden())).toEqual(BATCH)
})

test('an empty message and an unknown request are no batch', () => {
  expect(decodeToFunction(new Uint8Array(0))).toBeUndefined()
  expect(decodeToFunction(hex('aa0600'))).toBeUndefined()
})

test('a batch without anything but an empty target is one', () => {
  expect(decodeToFunction(hex('a206020a00'))).toEqual({
    target: { namespace: '', type: '', id: '' },
    state: [],
    invocations: [],
  })
})

test('values are views of the received bytes', () => {
  const bytes = golden()
  const value = decodeToFunction(bytes)?.state[0]?.stateValue?.value
  bytes.fill(0xee)
  expect(value).toEqual(new Uint8Array(7).fill(0xee))
})

test('encoded bytes belong to the caller', () => {
  const first = encodeToFunction(BATCH)
  const before = toHex(first)
  encodeToFunction({ ...BATCH, target: { namespace: 'zz', type: 'zz', id: 'z' } })
  expect(toHex(first)).toBe(before)
  // A Buffer's slice would be a view; who copies a value with slice relies on this.
  expect(first.slice().buffer).not.toBe(first.buffer)
})

test('messages larger than the write buffer and back to small ones', () => {
  const value = new Uint8Array(9_000_000).fill(7)
  const large: InvocationBatch = {
    ...BATCH,
    invocations: Array.from({ length: 3 }, () => ({
      caller: undefined,
      argument: { typename: 'b/c', hasValue: true, value, metadata: undefined },
    })),
  }
  const decoded = decodeToFunction(encodeToFunction(large))
  expect(decoded?.invocations).toHaveLength(3)
  for (const { argument } of decoded?.invocations ?? []) {
    expect(Buffer.compare(argument.value, value)).toBe(0)
  }
  expect(toHex(encodeToFunction(BATCH))).toBe(toHex(golden()))
})

test('an encoding that fails leaves nothing behind for the next one', () => {
  const broken = { ...BATCH, target: undefined as never }
  expect(() => encodeToFunction(broken)).toThrow(TypeError)
  expect(toHex(encodeToFunction(BATCH))).toBe(toHex(golden()))
})

test('a value that comes in two parts is merged as protobuf merges it', () => {
  const bytes = hex('a206 20 0a00 1a 1c 12 0c 0a03622f63 22050a016b1801 12 0c 1001 1a0107 22050a016c1801')
  const empty = new Uint8Array(0)
  expect(decodeToFunction(bytes)?.invocations[0]?.argument).toEqual({
    typename: 'b/c',
    hasValue: true,
    value: Uint8Array.of(7),
    metadata: [
      { key: 'k', value: empty },
      { key: 'l', value: empty },
    ],
  })
})

test('names that share a slot of the string table are not mixed up', () => {
  // Same length, same first, middle and last byte: the same slot.
  const names = ['a000m000z', 'a111m222z', 'a000m0ü0z', 'a000m000z']
  for (let round = 0; round < 3; round++) {
    for (const namespace of names) {
      const batch = { ...BATCH, target: { namespace, type: namespace.repeat(3), id: namespace } }
      expect(decodeToFunction(encodeToFunction(batch))?.target).toEqual(batch.target)
    }
  }
})

describe('malformed bytes are refused with their place', () => {
  test.each([
    ['cut within the first tag', 'a2', 'ToFunction', 1],
    ['cut within a length', 'a2 06 80', 'ToFunction.invocation', 3],
    ['a length beyond the end', 'a2 06 05 0a00', 'ToFunction.invocation', 2],
    ['a length beyond its message, not beyond the bytes', 'a206 04 0a03 0a00 1200', 'target', 4],
    ['a length of more than 32 bits', 'a2 06 8080808010', 'ToFunction.invocation', 2],
    ['a length of more than ten bytes', 'a2 06 ffffffffffffffffffffff01', 'ToFunction.invocation', 2],
    ['a known field of another wire type', 'a006 01', 'ToFunction.invocation', 2],
    ['an id that is a number', 'a206 04 0a02 1801', 'Address.id', 6],
    ['wire type 6', '0e', 'ToFunction.1', 1],
    ['field number 0', '0001', 'ToFunction', 1],
    ['an unknown varint of eleven bytes', '08 8080808080808080808001', 'ToFunction', 1],
    ['an unknown fixed field cut short', '0d 010203', 'ToFunction', 4],
    ['the end of a group that was not open', '0c', 'ToFunction.1', 1],
    ['a group that does not end', '0b 0801', 'ToFunction', 3],
    ['a group that ends as another', '0b 14', 'ToFunction', 2],
    ['groups without end', '0b'.repeat(200), 'ToFunction', 101],
    ['no target', 'a20600', 'ToFunction.InvocationBatchRequest.target', 2],
  ])('%s', (_, bytes, field, offset) => {
    const error = thrown(() => decodeToFunction(hex(bytes)))
    expect(error.code).toBe('SF_PROTOCOL_MALFORMED')
    expect(error.message).toContain(field)
    expect(error.message).toContain(`at byte ${offset}`)
  })
})

describe('reading without views', () => {
  test('gives what decoding gives, its bytes when they are asked for', () => {
    const batch = readToFunction(golden())
    const [{ stateValue } = {}] = batch?.state ?? []
    expect(stateValue).toBeInstanceOf(TypedValueView)
    expect(stateValue?.value).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7))
    expect(batch?.invocations.map(({ caller, argument }) => [caller?.namespace, argument.metadata])).toEqual(
      BATCH.invocations.map(({ caller, argument }) => [caller?.namespace, argument.metadata]),
    )
  })

  test('decodes by the range where a type can, else by a view', () => {
    const bytes = encodeToFunction({
      ...BATCH,
      state: [
        { stateName: 'a', stateValue: { typename: 'a/b', hasValue: true, value: Uint8Array.of(0x08, 1) } },
      ],
    })
    const value = readToFunction(bytes)?.state[0]?.stateValue
    if (!(value instanceof TypedValueView)) throw new Error('the value is no view')
    expect(value.decode(types.bool)).toBe(true)
    expect(value.decode({ deserialize: (view) => view.length })).toBe(2)
  })
})

describe('an invocation that repeats the one before', () => {
  const caller = { namespace: 'ns', type: 'caller', id: 'one' }
  const argument = (value: number[], typename = 'example/type', metadata: Metadata[] = []): TypedValue => ({
    typename,
    hasValue: true,
    value: Uint8Array.from(value),
    metadata: metadata.length === 0 ? undefined : metadata,
  })
  const plain: Invocation = { caller, argument: argument([1, 2, 3]) }

  /** Long enough for whatever way of comparing is taken for short and for long messages. */
  test.each([1, 40])('says the same but for the value, %i times', (times) => {
    const invocations = Array.from({ length: times }, (_, index) => [
      plain,
      { caller, argument: argument([index, 0, 255]) },
      { caller, argument: argument([1, 2]) },
      { caller, argument: argument([]) },
      { caller, argument: argument([]) },
      { caller: { ...caller, id: 'two' }, argument: argument([1, 2, 3]) },
      { caller: { ...caller, type: 'callee' }, argument: argument([1, 2, 3]) },
      { caller, argument: argument([1, 2, 3], 'example/tyqe') },
      { caller, argument: { ...argument([1, 2, 3, 4, 5]), hasValue: false } },
      { caller, argument: argument([1, 2, 3]) },
      { caller: undefined, argument: argument([1, 2, 3]) },
      { caller: undefined, argument: argument([3, 2, 1]) },
      // Here the value is not at the end, and headers of equal length differ.
      { caller, argument: argument([1], 'a/b', [{ key: 'k', value: Uint8Array.of(1) }]) },
      { caller, argument: argument([1], 'a/b', [{ key: 'k', value: Uint8Array.of(2) }]) },
    ]).flat()
    const batch = { ...BATCH, invocations }
    expect(decodeToFunction(encodeToFunction(batch))).toEqual(batch)
  })

  test('is still compared where it has no argument, and where a field stands twice', () => {
    const doubled = '120c 0a03 612f62 1001 1a03 010203'
    const bytes = hex(`a206 32 0a00 1a00 1a00 1a10 ${doubled} 1200 1a10 ${doubled} 1200 1a02 1200 1a02 1200`)
    const typed = argument([1, 2, 3], 'a/b')
    const none = { typename: '', hasValue: false, value: new Uint8Array(0), metadata: undefined }
    expect(decodeToFunction(bytes)?.invocations.map(({ argument }) => argument)).toEqual([
      none,
      none,
      typed,
      typed,
      none,
      none,
    ])
  })
})
