import { jsonType, types } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { refusal } from '../../test/support.ts'
import { defineFunction } from '../define-function.ts'
import { egress } from '../egress.ts'
import { functionRef } from '../function-ref.ts'
import { kafkaEgress } from '../kafka-egress.ts'
import { kinesisEgress } from '../kinesis-egress.ts'
import { value } from '../state-declaration.ts'
import { createTestKit, testFunction } from './index.ts'

const greet = jsonType<{ name: string }>('example/greet')
const results = kafkaEgress('example/results', { topic: 'totals', value: types.long })
const events = kinesisEgress('example/events', { stream: 'events' })
const audit = egress('example/audit', types.string)
const elsewhere = functionRef('example/elsewhere', [types.string])

const greeter = defineFunction({
  type: 'example/greeter',
  state: { seen: types.int },
  accepts: [greet],
  handle(ctx) {
    ctx.state.seen = (ctx.state.seen ?? 0) + 1
  },
})

const counter = defineFunction({
  type: 'example/counter',
  state: {
    total: types.long,
    written: value(types.string, { expireAfter: { write: '1 min' } }),
    called: value(types.string, { expireAfter: { call: '1 min' } }),
  },
  accepts: [types.long, types.string],
  handle(ctx, received) {
    if (typeof received === 'string') {
      if (received === 'set') {
        ctx.state.written = 'w'
        ctx.state.called = 'c'
      }
      if (received === 'remind') {
        ctx.sendAfter('5 min', greeter, ctx.self.id, { name: 'later' }, { token: 'reminder' })
      }
      if (received === 'tick') ctx.sendAfter('1 s', counter, ctx.self.id, 1n)
      if (received === 'cancel') ctx.cancel('reminder')
      if (received === 'fail') {
        ctx.state.total = -1n
        throw new Error('asked to fail')
      }
      return
    }
    const total = (ctx.state.total ?? 0n) + received
    ctx.state.total = total
    ctx.send(greeter, ctx.self.id, { name: ctx.caller?.id ?? 'nobody' }, { headers: { h: '1' } })
    ctx.send(elsewhere, 'e', 'out')
    ctx.emit(results, { key: ctx.self.id, value: total, headers: { h: '2' } })
    ctx.emit(events, { partitionKey: 'p', value: 'event' })
    ctx.emit(audit, 'counted')
  },
})

describe('testFunction', () => {
  it('shows state and effects, decoded', async () => {
    const test = testFunction(counter, { id: 'alice', state: { total: 40n } })
    const effects = await test.invoke(2n)
    expect(test.state.total).toBe(42n)
    expect(effects.sends).toEqual([
      expect.objectContaining({ to: 'example/greeter', id: 'alice', type: 'example/greet' }),
      expect.objectContaining({ to: 'example/elsewhere', id: 'e', value: 'out' }),
    ])
    expect(effects.sentTo(greeter)[0]?.as(greet)).toEqual({ name: 'nobody' })
    expect(effects.sentTo(greeter, 'alice')[0]?.headers.first('h')?.utf8()).toBe('1')
    expect(effects.sentTo(greeter, 'bob')).toEqual([])
    expect(effects.emittedTo(results)).toMatchObject([{ kind: 'kafka', topic: 'totals', key: 'alice' }])
    expect(effects.emittedTo(results)[0]?.as(types.long)).toBe(42n)
    expect(effects.emittedTo(results)[0]?.headers.first('h')?.utf8()).toBe('2')
    expect(effects.emittedTo(events)).toMatchObject([
      { kind: 'kinesis', stream: 'events', partitionKey: 'p', text: 'event' },
    ])
    expect(effects.emittedTo(audit)[0]?.as(types.string)).toBe('counted')
  })

  it('reads a message only as what it was sent as', async () => {
    const effects = await testFunction(counter).invoke(1n)
    const error = await refusal(() => effects.sends[0]?.as(types.long))
    expect(error).toMatchObject({ code: 'SF_SDK_TEST_TYPE', where: 'example/greeter id [test]' })
  })

  it('passes caller and headers, and batches', async () => {
    const test = testFunction(counter)
    const one = await test.invoke(1n, { caller: { function: greeter, id: 'bob' } })
    expect(one.sentTo(greeter)[0]?.as(greet)).toEqual({ name: 'bob' })
    await test.invokeBatch([1n, 2n, 3n])
    expect(test.state.total).toBe(7n)
  })

  it('changes nothing when the handler fails', async () => {
    const test = testFunction(counter, { state: { total: 5n } })
    await expect(test.invokeBatch([1n, 'fail'])).rejects.toThrow('asked to fail')
    expect(test.state.total).toBe(5n)
  })

  it('lets the test write and remove state', async () => {
    const test = testFunction(counter)
    test.state.total = 3n
    await test.invoke(1n)
    expect(test.state.total).toBe(4n)
    test.state.total = undefined
    await test.invoke(1n)
    expect(test.state.total).toBe(1n)
    const error = await refusal(() => {
      test.state.total = 5 as unknown as bigint
    })
    expect(error.code).toBe('SF_SDK_STATE_VALUE')
  })

  it('honours expirations (contract 5.5)', async () => {
    const test = testFunction(counter)
    await test.invoke('set')
    await test.advance('59 s')
    expect([test.state.written, test.state.called]).toEqual(['w', 'c'])
    await test.invoke('touch')
    await test.advance('1 s')
    expect([test.state.written, test.state.called]).toEqual([undefined, 'c'])
    await test.advance('59 s')
    expect(test.state.called).toBeUndefined()
  })

  it('lists, delivers and cancels delayed messages (contract 5.4)', async () => {
    const test = testFunction(counter)
    const { delayed } = await test.invoke('remind')
    expect(delayed).toMatchObject([{ to: 'example/greeter', delayMs: 300_000, token: 'reminder' }])
    await test.advance('1 min')
    expect(test.delayed).toMatchObject([{ delayMs: 240_000, value: expect.any(Uint8Array) }])
    const { cancelled } = await test.invoke('cancel')
    expect([cancelled, test.delayed]).toEqual([['reminder'], []])
    await test.invoke('remind')
    const error = await refusal(() => test.invoke('remind'))
    expect(error.code).toBe('SF_SDK_TEST_TOKEN_PENDING')
  })
})

describe('createTestKit', () => {
  it('wires functions, and keeps messages to others out', async () => {
    const kit = createTestKit([counter, greeter])
    await kit.invoke(counter, 'a', 1n)
    expect(kit.pending).toMatchObject([{ to: 'example/greeter', id: 'a', value: { name: 'nobody' } }])
    expect(kit.state(greeter, 'a').seen).toBeUndefined()
    await kit.runUntilIdle()
    expect(kit.state(greeter, 'a').seen).toBe(1)
    expect(kit.pending).toEqual([])
  })

  it('delivers delayed messages when they are due, in order, and what follows', async () => {
    const kit = createTestKit([counter, greeter], { now: 1000 })
    await kit.invoke(counter, 'a', 'remind')
    await kit.invoke(counter, 'a', 'tick')
    const early = await kit.advance('10 s')
    expect(early.emittedTo(results)).toHaveLength(1)
    expect([kit.state(counter, 'a').total, kit.state(greeter, 'a').seen, kit.now]).toEqual([1n, 1, 11_000])
    await kit.advance('5 min')
    expect(kit.state(greeter, 'a').seen).toBe(2)
    expect(kit.delayed).toEqual([])
  })

  it('stops functions that never come to rest', async () => {
    const again: ReturnType<typeof functionRef<readonly [typeof types.int]>> = functionRef('example/ping', [
      types.int,
    ])
    const ping = defineFunction({
      type: 'example/ping',
      accepts: [types.int],
      handle: (ctx, n) => ctx.send(again, ctx.self.id, n),
    })
    const kit = createTestKit([ping])
    await kit.invoke(ping, 'a', 1)
    expect((await refusal(() => kit.runUntilIdle())).code).toBe('SF_SDK_TEST_NEVER_IDLE')
  })

  it('refuses functions that are not part of it, and duplicates', async () => {
    const kit = createTestKit([counter])
    expect((await refusal(() => kit.invoke(greeter, 'a', { name: 'x' }))).code).toBe(
      'SF_SDK_TEST_FUNCTION_UNKNOWN',
    )
    expect((await refusal(() => createTestKit([counter, counter]))).code).toBe('SF_SDK_FUNCTION_DUPLICATE')
  })
})
