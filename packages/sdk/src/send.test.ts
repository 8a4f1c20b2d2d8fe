import { bytesType, jsonType, types } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { call, effectsOf, longMessage, recordingLogger, refusal, wire } from '../test/support.ts'
import type { Context } from './context.ts'
import { defineFunction } from './define-function.ts'
import { type FunctionRef, functionRef } from './function-ref.ts'
import type { Message } from './message.ts'
import { message } from './message-type.ts'
import { typed } from './typed.ts'

const greeter = functionRef('example/greeter', [types.string])
const anything = functionRef('example/anything')

/** The effects of a handler called with one message. */
async function effects(
  handle: (ctx: Context, value: bigint, message: Message) => void,
  logger = recordingLogger(),
) {
  const fn = defineFunction({ type: 'example/counter', accepts: [types.long], handle, logger })
  return effectsOf(call(fn, [{ ...longMessage(3n), argument: withHeaders() }]))
}

function withHeaders() {
  return { ...wire(types.long, 3n), metadata: [{ key: 'trace', value: Uint8Array.of(1) }] }
}

const refused = (handle: (ctx: Context) => void) => refusal(() => effects(handle))

describe('send', () => {
  it('encodes by the type the target accepts', async () => {
    const { outgoingMessages } = await effects((ctx) => {
      ctx.send(greeter, 'alice', 'hi')
      ctx.send(greeter, '', 'to the empty id')
    })
    expect(outgoingMessages).toEqual([
      { target: { namespace: 'example', type: 'greeter', id: 'alice' }, argument: wire(types.string, 'hi') },
      {
        target: { namespace: 'example', type: 'greeter', id: '' },
        argument: wire(types.string, 'to the empty id'),
      },
    ])
  })

  it('goes to a function of this app just as well', async () => {
    const target = defineFunction({ type: 'example/other', accepts: [types.int], handle() {} })
    const { outgoingMessages } = await effects((ctx) => ctx.send(target, 'x', 5))
    expect(outgoingMessages[0]).toMatchObject({ target: { type: 'other' }, argument: wire(types.int, 5) })
  })

  it('takes the one accepted type that holds the value', async () => {
    const Named = message('example/named', z.object({ name: z.string() }))
    const Counted = message('example/counted', z.object({ count: z.number() }))
    const several = functionRef('example/several', [types.string, types.long, Named, Counted])
    const { outgoingMessages } = await effects((ctx) => {
      ctx.send(several, 'x', 'text')
      ctx.send(several, 'x', 5n)
      ctx.send(several, 'x', { count: 1 })
    })
    expect(outgoingMessages.map(({ argument }) => argument.typename)).toEqual([
      types.string.typename,
      types.long.typename,
      'example/counted',
    ])
  })

  it('asks for the type when several could hold the value', async () => {
    const numbers = functionRef('example/numbers', [types.int, types.double])
    const error = await refused((ctx) => ctx.send(numbers, 'x', 5))
    expect(error.code).toBe('SF_SDK_TYPE_AMBIGUOUS')
    expect(error.message).toContain('io.statefun.types/int, io.statefun.types/double')
    const { outgoingMessages } = await effects((ctx) => ctx.send(numbers, 'x', 5, { type: types.double }))
    expect(outgoingMessages[0]?.argument).toEqual(wire(types.double, 5))
  })

  it('asks a type that cannot tell by encoding', async () => {
    const mixed = functionRef('example/mixed', [types.long, types.string, jsonType<unknown>('example/json')])
    const { outgoingMessages } = await effects((ctx) => ctx.send(mixed, 'x', 5n))
    expect(outgoingMessages[0]?.argument).toEqual(wire(types.long, 5n))
    const error = await refused((ctx) => ctx.send(mixed, 'x', 'text'))
    expect(error.message).toContain('io.statefun.types/string, example/json')
  })

  it('refuses a value of none of the types, and a type that is not accepted', async () => {
    const several = functionRef('example/several', [types.string, types.long])
    const none = await refused((ctx) => ctx.send(several, 'x', true as unknown as string))
    expect(none.code).toBe('SF_SDK_TYPE_AMBIGUOUS')
    expect(none.message).toContain('none of the types')
    const wrong = await refused((ctx) =>
      ctx.send(greeter, 'x', 'hi', { type: jsonType<string>('example/json') }),
    )
    expect(wrong).toMatchObject({
      code: 'SF_SDK_TYPE_NOT_ACCEPTED',
      hint: 'it accepts io.statefun.types/string',
    })
  })

  it.each([undefined, null])('refuses %s as a value', async (value) => {
    const error = await refused((ctx) => ctx.send(greeter, 'x', value as unknown as string))
    expect(error.code).toBe('SF_SDK_VALUE_MISSING')
  })

  it('refuses a value of the wrong kind and an id that is no text', async () => {
    const value = await refused((ctx) => ctx.send(greeter, 'x', 5 as unknown as string))
    expect(value.code).toBe('SF_SDK_VALUE_INVALID')
    const id = await refused((ctx) => ctx.send(greeter, 7 as unknown as string, 'hi'))
    expect(id.code).toBe('SF_SDK_ID_INVALID')
  })

  it('needs a type for a function that declares none', async () => {
    const untyped = await refused((ctx) =>
      ctx.send(anything as FunctionRef<never> as FunctionRef<string>, 'x', 'hi'),
    )
    expect(untyped.code).toBe('SF_SDK_VALUE_WITHOUT_TYPE')
    const { outgoingMessages } = await effects((ctx) => ctx.send(anything, 'x', typed(types.long, 1n)))
    expect(outgoingMessages[0]?.argument).toEqual(wire(types.long, 1n))
  })

  it('does not alias bytes that the handler may reuse', async () => {
    const blob = bytesType('example/blob')
    const buffer = Uint8Array.of(1)
    const { outgoingMessages } = await effects((ctx) => {
      ctx.send(functionRef('example/blobs', [blob]), 'x', buffer, { headers: { h: buffer } })
      ctx.send(anything, 'x', typed(blob, buffer))
      buffer[0] = 9
    })
    expect(outgoingMessages.map(({ argument }) => argument.value)).toEqual([
      Uint8Array.of(1),
      Uint8Array.of(1),
    ])
    expect(outgoingMessages[0]?.argument.metadata).toEqual([{ key: 'h', value: Uint8Array.of(1) }])
  })

  it('forwards a message with its headers, and only where it is accepted', async () => {
    const longs = functionRef('example/longs', [types.long])
    const { outgoingMessages } = await effects((ctx, _, received) => {
      ctx.forward(longs, 'a', received)
      ctx.forward(anything, 'b', received)
    })
    expect(outgoingMessages.map(({ target, argument }) => [target.id, argument])).toEqual([
      ['a', withHeaders()],
      ['b', withHeaders()],
    ])
    const error = await refused((ctx) => ctx.forward(greeter, 'x', ctx.message))
    expect(error.code).toBe('SF_SDK_TYPE_NOT_ACCEPTED')
  })

  it('keeps received headers when they are handed on', async () => {
    const { outgoingMessages } = await effects((ctx) =>
      ctx.send(greeter, 'x', 'hi', { headers: ctx.headers }),
    )
    expect(outgoingMessages[0]?.argument.metadata).toEqual(withHeaders().metadata)
  })
})

describe('sendAfter and cancel', () => {
  it('keep the call order, with delay and token', async () => {
    const { delayedInvocations } = await effects((ctx) => {
      ctx.sendAfter('5 min', greeter, 'a', 'hi', { token: 't' })
      ctx.cancel('t')
      ctx.sendAfter(0, greeter, 'b', 'now')
    })
    const target = { namespace: 'example', type: 'greeter' }
    expect(delayedInvocations).toEqual([
      {
        kind: 'send',
        delayMs: 300_000,
        target: { ...target, id: 'a' },
        argument: wire(types.string, 'hi'),
        token: 't',
      },
      { kind: 'cancel', token: 't' },
      {
        kind: 'send',
        delayMs: 0,
        target: { ...target, id: 'b' },
        argument: wire(types.string, 'now'),
        token: undefined,
      },
    ])
  })

  it.each([-1, 0.5, Number.NaN])('refuse the delay %d', async (delay) => {
    expect((await refused((ctx) => ctx.sendAfter(delay, greeter, 'x', 'hi'))).code).toBe(
      'SF_DURATION_INVALID',
    )
  })

  it('refuse an empty token', async () => {
    const send = await refused((ctx) => ctx.sendAfter(1, greeter, 'x', 'hi', { token: '' }))
    const cancel = await refused((ctx) => ctx.cancel(''))
    expect([send.code, cancel.code]).toEqual(['SF_SDK_TOKEN_INVALID', 'SF_SDK_TOKEN_INVALID'])
  })

  it('warn when a token is used again while it is pending (contract 10, 3)', async () => {
    const logger = recordingLogger()
    await effects((ctx) => {
      ctx.sendAfter(1, greeter, 'x', 'hi', { token: 't' })
      ctx.sendAfter(1, greeter, 'y', 'hi', { token: 't' })
    }, logger)
    expect(logger.lines).toMatchObject([
      { level: 'warn', fields: { address: 'example/counter id [x]', token: 't' } },
    ])
  })

  it('do not warn when it was cancelled before', async () => {
    const logger = recordingLogger()
    await effects((ctx) => {
      ctx.sendAfter(1, greeter, 'x', 'hi', { token: 't' })
      ctx.cancel('t')
      ctx.sendAfter(1, greeter, 'x', 'hi', { token: 't' })
    }, logger)
    expect(logger.lines).toEqual([])
  })
})
