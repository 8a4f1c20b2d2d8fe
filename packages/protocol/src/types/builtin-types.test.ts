import { describe, expect, test } from 'vitest'
import { hex, toHex } from '../../test/hex.ts'
import { thrown } from '../../test/thrown.ts'
import { types } from './builtin-types.ts'
import type { Type } from './type.ts'

describe('the canonical encoding of contract 2.1', () => {
  const rows: readonly [string, () => Uint8Array, string][] = [
    ['bool true', () => types.bool.serialize(true), '0801'],
    ['bool false', () => types.bool.serialize(false), ''],
    ['int 1', () => types.int.serialize(1), '0d01000000'],
    ['int -1', () => types.int.serialize(-1), '0dffffffff'],
    ['int max', () => types.int.serialize(2147483647), '0dffffff7f'],
    ['int min', () => types.int.serialize(-2147483648), '0d00000080'],
    ['int 0', () => types.int.serialize(0), ''],
    ['int -0', () => types.int.serialize(-0), ''],
    ['long 1', () => types.long.serialize(1n), '090100000000000000'],
    ['long -2', () => types.long.serialize(-2n), '09feffffffffffffff'],
    ['long max', () => types.long.serialize(2n ** 63n - 1n), '09ffffffffffffff7f'],
    ['long min', () => types.long.serialize(-(2n ** 63n)), '090000000000000080'],
    ['long 0', () => types.long.serialize(0n), ''],
    ['float 1.5', () => types.float.serialize(1.5), '0d0000c03f'],
    ['float -0', () => types.float.serialize(-0), '0d00000080'],
    ['float infinity', () => types.float.serialize(Number.NEGATIVE_INFINITY), '0d000080ff'],
    ['float 0', () => types.float.serialize(0), ''],
    ['double 1.5', () => types.double.serialize(1.5), '09000000000000f83f'],
    ['double -0', () => types.double.serialize(-0), '090000000000000080'],
    ['double NaN', () => types.double.serialize(Number.NaN), '09000000000000f87f'],
    ['double 0', () => types.double.serialize(0), ''],
    ['string', () => types.string.serialize('Grüße'), '0a074772c3bcc39f65'],
    ['string of 200', () => types.string.serialize('x'.repeat(200)), `0ac801${'78'.repeat(200)}`],
    ['string empty', () => types.string.serialize(''), ''],
  ]
  test.each(rows)('%s', (_, serialize, expected) => {
    expect(toHex(serialize())).toBe(expected)
  })
})

describe('decoding takes any valid protobuf', () => {
  const rows: readonly [string, () => unknown, unknown][] = [
    ['bool, nothing', () => types.bool.deserialize(hex('')), false],
    ['bool, true', () => types.bool.deserialize(hex('0801')), true],
    ['bool, explicit false', () => types.bool.deserialize(hex('0800')), false],
    ['bool, a varint of ten bytes', () => types.bool.deserialize(hex('08 80808080808080808001')), true],
    ['int, nothing', () => types.int.deserialize(hex('')), 0],
    ['int', () => types.int.deserialize(hex('0dfeffffff')), -2],
    ['int, explicit zero', () => types.int.deserialize(hex('0d00000000')), 0],
    ['int, unknown field first', () => types.int.deserialize(hex('1205aabbccddee 0d05000000')), 5],
    ['int, the last one wins', () => types.int.deserialize(hex('0d05000000 0d06000000')), 6],
    ['long, nothing', () => types.long.deserialize(hex('')), 0n],
    ['long', () => types.long.deserialize(hex('09ffffffffffffff7f')), 2n ** 63n - 1n],
    ['long, unknown field after', () => types.long.deserialize(hex('09feffffffffffffff 1801')), -2n],
    ['float, nothing', () => types.float.deserialize(hex('')), 0],
    ['float', () => types.float.deserialize(hex('0d0000c03f')), 1.5],
    ['float, -0', () => types.float.deserialize(hex('0d00000080')), -0],
    ['double, -0', () => types.double.deserialize(hex('090000000000000080')), -0],
    ['double, NaN', () => types.double.deserialize(hex('09010000000000f87f')), Number.NaN],
    ['string, nothing', () => types.string.deserialize(hex('')), ''],
    ['string', () => types.string.deserialize(hex('0a074772c3bcc39f65')), 'Grüße'],
    ['string, explicit empty', () => types.string.deserialize(hex('0a00')), ''],
    ['string, a length in more bytes than needed', () => types.string.deserialize(hex('0a8100 61')), 'a'],
    ['string, the last one wins', () => types.string.deserialize(hex('0a0161 0a0162')), 'b'],
    ['string, invalid UTF-8', () => types.string.deserialize(hex('0a02ff61')), '\ufffda'],
    ['string, a byte order mark', () => types.string.deserialize(hex('0a03efbbbf')), '\ufeff'],
  ]
  test.each(rows)('%s', (_, deserialize, expected) => {
    expect(deserialize()).toBe(expected)
  })

  test.each([
    ['bool', types.bool, '0a00', 'BooleanWrapper.value'],
    ['bool without its value', types.bool, '08', 'BooleanWrapper.value'],
    ['int cut short', types.int, '0d010000', 'IntWrapper.value'],
    ['int as a varint', types.int, '0801', 'IntWrapper.value'],
    ['long as an int', types.long, '0d01000000', 'LongWrapper.value'],
    ['string longer than the bytes', types.string, '0a0561', 'StringWrapper.value'],
    ['string with a negative length', types.string, '0affffffffffffffffff01', 'StringWrapper.value'],
    ['a field with number 0', types.double, '0100', 'DoubleWrapper'],
  ] as const)('refuses %s', (_, type, bytes, where) => {
    const error = thrown(() => type.deserialize(hex(bytes)))
    expect(error.code).toBe('SF_PROTOCOL_MALFORMED')
    expect(error.message).toContain(where)
  })
})

describe('values out of range', () => {
  const rows: readonly [() => Uint8Array, string, string][] = [
    [() => types.int.serialize(2147483648), 'io.statefun.types/int', '2147483648'],
    [() => types.int.serialize(-2147483649), 'io.statefun.types/int', '-2147483649'],
    [() => types.int.serialize(1.5), 'io.statefun.types/int', '1.5'],
    [() => types.int.serialize(Number.NaN), 'io.statefun.types/int', 'NaN'],
    [() => types.long.serialize(2n ** 63n), 'io.statefun.types/long', '9223372036854775808n'],
    [() => types.long.serialize(-(2n ** 63n) - 1n), 'io.statefun.types/long', '-9223372036854775809n'],
    [() => types.long.serialize(3 as never), 'io.statefun.types/long', '3'],
    [() => types.float.serialize(3.5e38), 'io.statefun.types/float', '3.5e+38'],
    [() => types.double.serialize(1n as never), 'io.statefun.types/double', '1n'],
    [() => types.string.serialize(null as never), 'io.statefun.types/string', 'null'],
    [() => types.bool.serialize('true' as never), 'io.statefun.types/bool', "'true'"],
    [() => types.bool.serialize(Object.create(null) as never), 'io.statefun.types/bool', 'null prototype'],
  ]
  test.each(rows)('%s', (serialize, typename, shown) => {
    const error = thrown(serialize)
    expect(error.code).toBe('SF_TYPE_RANGE')
    expect(error.message).toContain(typename)
    expect(error.message).toContain(shown)
  })
})

test('holds says what serialize takes', () => {
  const candidates = [
    true,
    0,
    -0,
    1.5,
    2 ** 31,
    1e39,
    Number.NaN,
    Infinity,
    0n,
    2n ** 63n,
    '',
    null,
    undefined,
    {},
  ]
  for (const type of Object.values(types) as Type<unknown>[]) {
    for (const candidate of candidates) {
      let serializes = true
      try {
        type.serialize(candidate)
      } catch {
        serializes = false
      }
      expect([type.typename, candidate, type.holds?.(candidate)]).toEqual([
        type.typename,
        candidate,
        serializes,
      ])
    }
  }
})

describe('a range of a message', () => {
  const rows: readonly [string, Type<unknown>, readonly unknown[]][] = [
    ['bool', types.bool as Type<unknown>, [true, false]],
    ['int', types.int as Type<unknown>, [0, 1, -1, 255, -256, 2 ** 31 - 1, -(2 ** 31)]],
    [
      'long',
      types.long as Type<unknown>,
      [0n, 1n, -1n, 2n ** 31n - 1n, 2n ** 31n, -(2n ** 31n), -(2n ** 31n) - 1n, 2n ** 32n - 1n, -(2n ** 63n)],
    ],
    ['float', types.float as Type<unknown>, [0, 1.5, -0]],
    ['double', types.double as Type<unknown>, [0, Math.PI, -0]],
    ['string', types.string as Type<unknown>, ['', 'short', 'é', 'x'.repeat(200)]],
  ]
  test.each(rows)('of %s decodes as a message of its own', (_, type, values) => {
    for (const value of values) {
      const bytes = type.serialize(value)
      // An unknown field in front takes the way of everything that is not canonical.
      for (const message of [bytes, Uint8Array.of(0x10, 7, ...bytes)]) {
        const source = Uint8Array.of(0xff, 0xff, 0xff, ...message, 0xff, 0xff)
        expect(type.deserializeRange?.(source, 3, 3 + message.length)).toBe(value)
        expect(type.deserialize(message)).toBe(value)
      }
    }
  })

  test('does not read past its end', () => {
    const error = thrown(() =>
      types.long.deserializeRange?.(Uint8Array.of(0x09, 1, 2, 3, 4, 5, 6, 7, 8), 0, 8),
    )
    expect(error).toMatchObject({ code: 'SF_PROTOCOL_MALFORMED' })
  })
})
