import type { StandardSchemaV1 } from '@standard-schema/spec'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { refusal } from '../test/support.ts'
import { message } from './message-type.ts'

const Add = message('example/add', z.object({ id: z.string(), delta: z.int().default(1) }))
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const bytes = (json: string) => new TextEncoder().encode(json)

describe('a message type from a schema', () => {
  it('sends the input and receives the output', () => {
    expect(text(Add.serialize({ id: 'a' }))).toBe('{"id":"a"}')
    expect(Add.deserialize(bytes('{"id":"a"}'))).toEqual({ id: 'a', delta: 1 })
    expect(Add.typename).toBe('example/add')
  })

  it('refuses what the schema refuses, in both directions, and says where', async () => {
    const sent = await refusal(() => Add.serialize({ id: 5 as unknown as string }))
    expect(sent.code).toBe('SF_SDK_SCHEMA_MISMATCH')
    expect(sent.message).toContain('example/add')
    expect(sent.message).toContain('id: ')
    const received = await refusal(() => Add.deserialize(bytes('{"delta":1}')))
    expect(received.code).toBe('SF_SDK_SCHEMA_MISMATCH')
  })

  it('refuses what is no JSON and no UTF-8', () => {
    expect(() => Add.deserialize(bytes('{'))).toThrow(SyntaxError)
    expect(() => Add.deserialize(Uint8Array.of(0xff))).toThrow(TypeError)
  })

  it('refuses a schema that validates asynchronously', async () => {
    const slow: StandardSchemaV1<string> = {
      '~standard': { version: 1, vendor: 'test', validate: () => Promise.reject(new Error('unhandled')) },
    }
    const Slow = message('example/slow', slow)
    expect((await refusal(() => Slow.serialize('x'))).code).toBe('SF_SDK_SCHEMA_ASYNC')
    expect(Slow.holds?.('x')).toBe(true)
  })

  it('refuses a bad typename at once, and a value without a JSON form when sent', async () => {
    expect((await refusal(() => message('add', z.string()))).code).toBe('SF_TYPENAME_INVALID')
    const Anything = message('example/anything', z.unknown())
    expect((await refusal(() => Anything.serialize(() => 1))).code).toBe('SF_SDK_VALUE_INVALID')
  })

  it('tells whether it holds a value', () => {
    expect(Add.holds?.({ id: 'a' })).toBe(true)
    expect(Add.holds?.({})).toBe(false)
  })
})
