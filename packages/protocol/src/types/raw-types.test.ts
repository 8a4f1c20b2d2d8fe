import { describe, expect, expectTypeOf, test } from 'vitest'
import { hex, toHex } from '../../test/hex.ts'
import { thrown } from '../../test/thrown.ts'
import { types } from './builtin-types.ts'
import { bytesType, customType, jsonType, textType } from './raw-types.ts'
import { toTypedValue } from './to-typed-value.ts'
import type { Type } from './type.ts'

test('bytes travel as they are, without a copy', () => {
  const type = bytesType('example/blob')
  const value = Uint8Array.of(1, 2)
  expect(type.serialize(value)).toBe(value)
  expect(type.deserialize(value)).toBe(value)
  expect(thrown(() => type.serialize('text' as never)).message).toContain('example/blob')
})

test('text is bare UTF-8, not the wrapper of types.string', () => {
  const type = textType('example/line')
  expect(toHex(type.serialize('Grüße'))).toBe('4772c3bcc39f65')
  expect(type.serialize('').length).toBe(0)
  expect(toHex(type.serialize('\ud800'))).toBe('efbfbd')
  expect(type.deserialize(hex('4772c3bcc39f65'))).toBe('Grüße')
  expect(type.deserialize(hex('efbbbf61'))).toBe('\ufeffa')
  expect(type.deserialize(hex('61ff'))).toBe('a\ufffd')
  const long = 'ä'.repeat(100_000)
  expect(type.deserialize(type.serialize(long))).toBe(long)
  expect(thrown(() => type.serialize(1 as never)).code).toBe('SF_TYPE_RANGE')
})

describe('json', () => {
  const type = jsonType<{ delta: number } | null>('example/add')

  test('is the text of JSON', () => {
    expect(Buffer.from(type.serialize({ delta: 1 })).toString()).toBe('{"delta":1}')
    expect(type.deserialize(Buffer.from('{"delta":1}'))).toEqual({ delta: 1 })
    expect(type.deserialize(type.serialize(null))).toBeNull()
  })

  test.each([undefined, () => 1, 1n, Symbol('s')])('refuses %s', (value) => {
    const error = thrown(() => type.serialize(value as never))
    expect(error.code).toBe('SF_TYPE_RANGE')
    expect(error.message).toContain('example/add')
  })

  test('keeps the reason why a value cannot be written', () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    expect(thrown(() => type.serialize(cycle as never)).cause).toBeInstanceOf(TypeError)
  })

  test('refuses bytes that are not JSON', () => {
    const error = thrown(() => type.deserialize(Buffer.from('{"delta":')))
    expect(error.code).toBe('SF_TYPE_MALFORMED')
    expect(error.message).toContain('example/add')
    expect(error.cause).toBeInstanceOf(SyntaxError)
  })
})

test('a custom type uses what it was given', () => {
  const type = customType(
    'example/date',
    (value: Date) => Buffer.from(value.toISOString()),
    (bytes) => new Date(Buffer.from(bytes).toString()),
  )
  const date = new Date('2026-01-02T03:04:05.678Z')
  expect(type.deserialize(type.serialize(date))).toEqual(date)
  expectTypeOf(type).toEqualTypeOf<Type<Date>>()
})

test.each([bytesType, textType, jsonType])('a typename needs exactly one slash', (make) => {
  for (const typename of ['add', 'a/b/c', '/add', 'example/']) {
    expect(thrown(() => make(typename)).code).toBe('SF_TYPENAME_INVALID')
  }
})

test('a typed value is present, also when it has no bytes', () => {
  expect(toTypedValue(types.long, 0n)).toEqual({
    typename: 'io.statefun.types/long',
    hasValue: true,
    value: new Uint8Array(0),
    metadata: undefined,
  })
  const metadata = [{ key: 'trace', value: null }]
  expect(toTypedValue(types.int, 1, metadata)).toMatchObject({ value: hex('0d01000000'), metadata })
})
