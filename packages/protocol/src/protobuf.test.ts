import { create } from '@bufbuild/protobuf'
import { expect, expectTypeOf, test } from 'vitest'
import { type Address, AddressSchema } from '../test/gen/request-reply_pb.js'
import { StringWrapperSchema } from '../test/gen/types_pb.js'
import { hex, toHex } from '../test/hex.ts'
import { thrown } from '../test/thrown.ts'
import { protobufType } from './protobuf.ts'
import type { Type } from './types/type.ts'

test('a message travels as its bytes, without a wrapper', () => {
  const type = protobufType(AddressSchema)
  const address = create(AddressSchema, { namespace: 'n', id: 'i' })
  expect(toHex(type.serialize(address))).toBe('0a016e1a0169')
  expect(type.deserialize(hex('0a016e1a0169'))).toEqual(address)
  expectTypeOf(type).toEqualTypeOf<Type<Address>>()
})

test('the typename is that of the Python SDK unless one is given', () => {
  expect(protobufType(AddressSchema).typename).toBe('type.googleapis.com/io.statefun.sdk.reqreply.Address')
  expect(protobufType(AddressSchema, 'example/address').typename).toBe('example/address')
  expect(thrown(() => protobufType(AddressSchema, 'address')).code).toBe('SF_TYPENAME_INVALID')
})

test('refuses what is no message of the schema', () => {
  const type = protobufType(AddressSchema, 'example/address')
  expect(type.holds?.(create(AddressSchema))).toBe(true)
  for (const value of [{ namespace: 'n' }, create(StringWrapperSchema), null, undefined, 'text']) {
    expect(type.holds?.(value)).toBe(false)
    const error = thrown(() => type.serialize(value as never))
    expect(error.code).toBe('SF_TYPE_RANGE')
    expect(error.message).toContain('example/address')
  }
})

test('refuses bytes that are not the message', () => {
  const error = thrown(() => protobufType(AddressSchema).deserialize(hex('0a05')))
  expect(error.code).toBe('SF_TYPE_MALFORMED')
  expect(error.cause).toBeInstanceOf(Error)
})
