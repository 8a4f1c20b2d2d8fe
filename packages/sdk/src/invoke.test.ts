import {
  bytesType,
  encodeToFunction,
  type Invocation,
  readToFunction,
  StatefunError,
  textType,
  types,
} from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { call, effectsOf, longMessage, refusal, wire } from '../test/support.ts'
import type { Context } from './context.ts'
import { defineFunction } from './define-function.ts'
import { functionRef } from './function-ref.ts'
import { value } from './state-declaration.ts'

const log = functionRef('example/log', [types.string])

describe('a batch (contract 1.3)', () => {
  const counter = defineFunction({
    type: 'example/counter',
    state: { total: value(types.long, { expireAfter: { write: '1h' } }), name: types.string },
    accepts: [types.long],
    handle(ctx, delta) {
      ctx.state.total = (ctx.state.total ?? 0n) + delta
    },
  })

  it('asks for all states that the runtime does not know, and runs nothing', async () => {
    expect(call(counter, [longMessage(1n)], { name: undefined })).toEqual({
      kind: 'incomplete',
      missing: [
        {
          stateName: 'total',
          typename: 'io.statefun.types/long',
          expireMode: 'after-write',
          expireAfterMs: 3_600_000,
        },
      ],
    })
    expect(call(counter, [longMessage(1n)])).toMatchObject({
      missing: [{ stateName: 'total' }, { stateName: 'name', expireMode: 'none', expireAfterMs: 0 }],
    })
  })

  it('shares the state between its invocations and answers one mutation, without a promise', () => {
    const response = call(counter, [longMessage(1n), longMessage(2n)], {
      total: wire(types.long, 39n),
      name: undefined,
      unknown: wire(types.string, 'ignored'),
    })
    expect(response).toEqual({
      kind: 'response',
      outgoingMessages: [],
      delayedInvocations: [],
      outgoingEgresses: [],
      stateMutations: [{ stateName: 'total', value: wire(types.long, 42n) }],
    })
  })

  it('counts a state that is listed twice once', () => {
    const response = counter.invoke({
      target: { namespace: 'example', type: 'counter', id: 'x' },
      state: [
        { stateName: 'total', stateValue: undefined },
        { stateName: 'total', stateValue: undefined },
      ],
      invocations: [longMessage(1n)],
    })
    expect(response).toMatchObject({ kind: 'incomplete', missing: [{ stateName: 'name' }] })
  })

  it('needs no negotiation without state', async () => {
    const stateless = defineFunction({ type: 'example/counter', accepts: [types.long], handle() {} })
    expect(await effectsOf(call(stateless, [longMessage(1n)]))).toMatchObject({ stateMutations: [] })
  })

  it('awaits each handler before the next, also foreign thenables', async () => {
    const steps: string[] = []
    const slow = defineFunction({
      type: 'example/counter',
      accepts: [types.long],
      handle(_, step) {
        steps.push(`start ${step}`)
        if (step === 2n) {
          steps.push('end 2')
          return undefined
        }
        const thenable: PromiseLike<void> = {
          // biome-ignore lint/suspicious/noThenProperty: a thenable that is no promise is what is tested
          then(onFulfilled) {
            const settle = Promise.resolve().then(() => {
              steps.push(`end ${step}`)
            })
            return settle.then(onFulfilled)
          },
        }
        return thenable
      },
    })
    await call(slow, [longMessage(1n), longMessage(2n), longMessage(3n)])
    expect(steps).toEqual(['start 1', 'end 1', 'start 2', 'end 2', 'start 3', 'end 3'])
  })

  it('fails as a whole when a handler throws, at once or later', async () => {
    let ran = 0
    const failing = defineFunction({
      type: 'example/counter',
      accepts: [types.long],
      handle(ctx, step) {
        ran++
        ctx.send(log, 'x', 'before')
        if (step === 2n) throw new Error('two')
        if (step === 3n) return Promise.reject(new Error('three'))
        return undefined
      },
    })
    expect(() => call(failing, [longMessage(1n), longMessage(2n), longMessage(1n)])).toThrow('two')
    expect(ran).toBe(2)
    await expect(call(failing, [longMessage(1n), longMessage(3n), longMessage(1n)])).rejects.toThrow('three')
    expect(ran).toBe(4)
    await expect(call(failing, [longMessage(3n)])).rejects.toThrow('three')
  })
})

describe('the message', () => {
  it('names self and the caller of each invocation', async () => {
    const seen: unknown[] = []
    const fn = defineFunction({
      type: 'example/counter',
      accepts: [types.long],
      handle(ctx) {
        seen.push([ctx.self.id, ctx.caller?.id])
      },
    })
    const fromOther = { ...longMessage(1n), caller: { namespace: 'example', type: 'other', id: 'o' } }
    await call(fn, [longMessage(1n), fromOther])
    expect(seen).toEqual([
      ['x', undefined],
      ['x', 'o'],
    ])
  })

  it('of one of several accepted types comes decoded', () => {
    const seen: unknown[] = []
    const fn = defineFunction({
      type: 'example/counter',
      accepts: [types.long, types.string],
      handle(_, received, message) {
        seen.push([received, message.is(types.string)])
      },
    })
    call(fn, [longMessage(7n), { caller: undefined, argument: wire(types.string, 'hi') }])
    expect(seen).toEqual([
      [7n, false],
      ['hi', true],
    ])
  })

  it('comes undecoded when nothing is declared', () => {
    const plain = textType('example/plain')
    const seen: unknown[] = []
    const fn = defineFunction({
      type: 'example/counter',
      handle(_, message) {
        seen.push(message.typename, message.is(types.long), message.as(plain), message.bytes.length)
      },
    })
    call(fn, [{ caller: undefined, argument: wire(plain, 'hey') }])
    expect(seen).toEqual(['example/plain', false, 'hey', 3])
  })

  it('of another type fails the batch with both names, or is dropped', async () => {
    const other: Invocation = { caller: undefined, argument: wire(types.string, 'hi') }
    const strict = defineFunction({ type: 'example/counter', accepts: [types.long], handle() {} })
    const error = await refusal(() => call(strict, [other]))
    expect(error.code).toBe('SF_SDK_MESSAGE_NOT_ACCEPTED')
    expect(error.format()).toContain('io.statefun.types/string')
    expect(error.format()).toContain('io.statefun.types/long')
    expect(error.where).toBe('example/counter id [x]')

    let ran = 0
    const lax = defineFunction({
      type: 'example/counter',
      accepts: [types.long],
      otherTypes: 'ignore',
      handle() {
        ran++
      },
    })
    await effectsOf(call(lax, [other, longMessage(1n), other]))
    expect(ran).toBe(1)
  })

  it('of bytes read from a request is a copy: what a handler changes does not change the request', () => {
    const blob = bytesType('example/blob')
    const fn = defineFunction({
      type: 'example/counter',
      state: { kept: blob },
      accepts: [blob],
      handle(ctx, bytes, message) {
        expect(message.bytes).toEqual(Uint8Array.of(1, 2))
        bytes.fill(9)
        ctx.state.kept?.fill(9)
      },
    })
    const typed = wire(blob, Uint8Array.of(1, 2))
    const request = encodeToFunction({
      target: { namespace: 'example', type: 'counter', id: 'x' },
      state: [{ stateName: 'kept', stateValue: typed }],
      invocations: [
        { caller: undefined, argument: typed },
        { caller: undefined, argument: typed },
      ],
    })
    const before = request.slice()
    const batch = readToFunction(request)
    expect(batch && fn.invoke(batch)).toMatchObject({
      stateMutations: [{ stateName: 'kept', value: wire(blob, Uint8Array.of(9, 9)) }],
    })
    expect(request).toEqual(before)
  })

  it('read as a type it is not throws', async () => {
    const fn = defineFunction({
      type: 'example/counter',
      handle(_, message) {
        message.as(types.string)
      },
    })
    expect((await refusal(() => call(fn, [longMessage(1n)]))).code).toBe('SF_SDK_MESSAGE_TYPE')
  })

  it('without a value or with broken bytes is refused', async () => {
    const fn = defineFunction({ type: 'example/counter', accepts: [types.long], handle() {} })
    const untyped = defineFunction({ type: 'example/counter', handle() {} })
    const absent = { ...wire(types.long, 1n), hasValue: false }
    const broken = { ...wire(types.long, 1n), value: Uint8Array.of(0x09, 1) }
    const codes = await Promise.all(
      [
        () => call(fn, [{ caller: undefined, argument: absent }]),
        () => call(untyped, [{ caller: undefined, argument: absent }]),
        () => call(fn, [{ caller: undefined, argument: broken }]),
      ].map(async (run) => (await refusal(run)).code),
    )
    expect(codes).toEqual([
      'SF_SDK_MESSAGE_WITHOUT_VALUE',
      'SF_SDK_MESSAGE_WITHOUT_VALUE',
      'SF_SDK_MESSAGE_DECODE',
    ])
  })
})

describe('late effects (contract 1.3, rule 7)', () => {
  /** Keeps the contexts of all invocations. */
  function keeping(wait: (step: bigint) => Promise<void> | undefined) {
    const contexts: Context<{ total: typeof types.long }>[] = []
    const fn = defineFunction({
      type: 'example/counter',
      state: { total: types.long },
      accepts: [types.long],
      handle(ctx, step) {
        contexts.push(ctx)
        return wait(step)
      },
    })
    return { fn, contexts }
  }

  const late: readonly [string, (ctx: Context<{ total: typeof types.long }>) => unknown][] = [
    ['send', (ctx) => ctx.send(log, 'x', 'late')],
    ['sendAfter', (ctx) => ctx.sendAfter(1, log, 'x', 'late')],
    ['cancel', (ctx) => ctx.cancel('token')],
    ['forward', (ctx) => ctx.forward(functionRef('example/log'), 'x', ctx.message)],
    [
      'state written',
      (ctx) => {
        ctx.state.total = 1n
      },
    ],
    ['state read', (ctx) => ctx.state.total],
  ]

  it.each(late)('%s after a handler without promise', async (action, effect) => {
    const { fn, contexts } = keeping(() => undefined)
    await call(fn, [longMessage(1n)], { total: undefined })
    const error = await refusal(() => effect(contexts[0]!))
    expect(error.code).toBe('SF_SDK_LATE_EFFECT')
    expect(error.message).toContain(action)
  })

  it.each(late)('%s after the promise has settled', async (_, effect) => {
    const { fn, contexts } = keeping(() => Promise.resolve())
    const response = await effectsOf(call(fn, [longMessage(1n)], { total: undefined }))
    expect((await refusal(() => effect(contexts[0]!))).code).toBe('SF_SDK_LATE_EFFECT')
    expect(response).toMatchObject({ outgoingMessages: [], stateMutations: [] })
  })

  it.each(late)('%s by what an earlier invocation of the batch left behind', async (_, effect) => {
    let errors: Promise<StatefunError> | undefined
    const { fn, contexts } = keeping((step) => {
      if (step === 1n) return undefined
      errors = refusal(() => effect(contexts[0]!))
      return errors.then(() => undefined)
    })
    const response = await effectsOf(call(fn, [longMessage(1n), longMessage(2n)], { total: undefined }))
    expect((await errors)?.code).toBe('SF_SDK_LATE_EFFECT')
    expect(response).toMatchObject({ outgoingMessages: [], delayedInvocations: [], stateMutations: [] })
  })

  it('through a state that an earlier invocation of the batch took out of its context', () => {
    const kept: { total: bigint | undefined }[] = []
    const fn = defineFunction({
      type: 'example/counter',
      state: { total: types.long },
      accepts: [types.long],
      handle(ctx) {
        kept.push(ctx.state)
        kept[0]!.total = 1n
      },
    })
    const run = (...steps: bigint[]) => call(fn, steps.map(longMessage), { total: undefined })
    expect(run(1n)).toMatchObject({ stateMutations: [{ stateName: 'total' }] })
    kept.length = 0
    expect(() => run(1n, 2n)).toThrow('state written after the handler had finished')
  })

  it('after a handler that failed', async () => {
    const { fn, contexts } = keeping(() => Promise.reject(new StatefunError('X', 'failed')))
    await refusal(() => call(fn, [longMessage(1n)], { total: undefined }))
    expect((await refusal(() => contexts[0]!.cancel('t'))).code).toBe('SF_SDK_LATE_EFFECT')
  })

  it('but an earlier context still tells its own caller', async () => {
    const { fn, contexts } = keeping(() => undefined)
    const other = { namespace: 'example', type: 'other', id: 'o' }
    await call(fn, [longMessage(1n), { ...longMessage(2n), caller: other }], { total: undefined })
    expect(contexts.map((ctx) => ctx.caller)).toEqual([undefined, other])
  })
})
