import { jsonType, type Type, types } from '@statefun/protocol'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import {
  type Address,
  type Context,
  defineFunction,
  egress,
  functionRef,
  kafkaEgress,
  kinesisEgress,
  type Message,
  type MessageHeaders,
  message,
  type StatefulFunction,
  typed,
  value,
} from './index.ts'
import { createTestKit, testFunction } from './testing/index.ts'

const Add = message('example/add', z.object({ id: z.string(), delta: z.int().default(1) }))
const cart = jsonType<{ items: string[] }>('example/cart')
const state = {
  total: value(types.long, { expireAfter: { write: '1h' } }),
  label: types.string,
  cart,
}

const greeter = functionRef('example/greeter', [types.string])
const results = kafkaEgress('example/results', { topic: 'results', value: cart })

type Handler<F> = F extends (options: { handle: (...args: infer Args) => unknown }) => unknown ? Args : never

describe('a handler', () => {
  it('gets the value of its accepted type', () => {
    defineFunction({
      type: 'example/counter',
      state,
      accepts: [Add],
      async handle(ctx, add, received) {
        expectTypeOf(add).toEqualTypeOf<{ id: string; delta: number }>()
        expectTypeOf(received).toEqualTypeOf<Message>()
        expectTypeOf(received.as(types.long)).toEqualTypeOf<bigint>()
        expectTypeOf(ctx.self).toEqualTypeOf<Address>()
        expectTypeOf(ctx.caller).toEqualTypeOf<Address | undefined>()
        expectTypeOf(ctx.headers).toEqualTypeOf<MessageHeaders>()
        expectTypeOf(ctx.headers.first('a')?.long()).toEqualTypeOf<bigint | null | undefined>()
      },
    })
  })

  it('gets the union of several types', () => {
    defineFunction({
      type: 'example/counter',
      accepts: [types.long, types.string, cart],
      handle(_, received) {
        expectTypeOf(received).toEqualTypeOf<bigint | string | { items: string[] }>()
      },
    })
  })

  it('gets the message when nothing is declared', () => {
    defineFunction({
      type: 'example/counter',
      handle(_, received) {
        expectTypeOf(received).toEqualTypeOf<Message>()
      },
    })
  })

  it('may return nothing or a promise, and nothing else', () => {
    defineFunction({ type: 'example/counter', accepts: [types.long], handle: async () => {} })
    defineFunction({ type: 'example/counter', accepts: [types.long], handle: () => undefined })
    // @ts-expect-error a promise of a value is a mistake
    defineFunction({ type: 'example/counter', accepts: [types.long], handle: async () => 5 })
  })

  it('can send to its own function', () => {
    const counter = defineFunction({
      type: 'example/counter',
      state: { total: types.long },
      accepts: [types.long],
      handle(ctx, delta) {
        if (delta > 0n) ctx.sendAfter('5 min', counter, ctx.self.id, delta - 1n)
      },
    })
    expectTypeOf(counter).toExtend<StatefulFunction<bigint>>()
  })
})

describe('state', () => {
  it('is typed by its declarations', () => {
    defineFunction({
      type: 'example/counter',
      state,
      handle(ctx) {
        expectTypeOf(ctx.state.total).toEqualTypeOf<bigint | undefined>()
        expectTypeOf(ctx.state.label).toEqualTypeOf<string | undefined>()
        expectTypeOf(ctx.state.cart).toEqualTypeOf<{ items: string[] } | undefined>()
        ctx.state.total = 5n
        ctx.state.total = undefined
        // @ts-expect-error a state is removed by assigning undefined
        delete ctx.state.total
        // @ts-expect-error null is not a value
        ctx.state.total = null
        // @ts-expect-error a number is no bigint
        ctx.state.total = 5
        // @ts-expect-error not declared
        ctx.state.totl = 5n
        // @ts-expect-error the states are fixed
        ctx.state = {}
      },
    })
  })

  it('cannot be of a type that reads something else than it writes', () => {
    const Length = message(
      'example/length',
      z.string().transform((text) => text.length),
    )
    // @ts-expect-error what is read is a number, what is written is text
    value(Length)
    defineFunction({
      type: 'example/counter',
      state: { length: Length },
      handle(ctx) {
        // @ts-expect-error what is read is a number, what is written is text
        ctx.state.length = 5
      },
    })
  })

  it('does not exist in a stateless function', () => {
    defineFunction({
      type: 'example/counter',
      handle(ctx) {
        // @ts-expect-error nothing is declared
        ctx.state.total = 5n
      },
    })
  })

  it('expires after one of write and call, by a duration that exists', () => {
    value(types.long, { expireAfter: { call: 60_000 } })
    // @ts-expect-error not both
    value(types.long, { expireAfter: { write: '1h', call: '1h' } })
    // @ts-expect-error one of them
    value(types.long, { expireAfter: {} })
    // @ts-expect-error no such unit
    value(types.long, { expireAfter: { write: '1 fortnight' } })
  })

  it('can be handed to helpers that do not know it', () => {
    const helper = (ctx: Context) => ctx.send(greeter, 'x', 'hi')
    const typedHelper = (ctx: Context<{ total: Type<bigint> }>) => ctx.state.total
    defineFunction({
      type: 'example/counter',
      state: { total: types.long },
      handle(ctx) {
        helper(ctx)
        expectTypeOf(typedHelper(ctx)).toEqualTypeOf<bigint | undefined>()
      },
    })
  })
})

describe('effects', () => {
  it('are typed by their targets', () => {
    const counter = defineFunction({ type: 'example/counter', accepts: [Add, types.long], handle() {} })
    const anything = functionRef('example/anything')
    const plain = kafkaEgress('example/plain')
    const events = kinesisEgress('example/events')
    const sink = egress('example/sink', types.long)
    defineFunction({
      type: 'example/sender',
      handle(ctx, received) {
        ctx.send(greeter, 'x', 'hi', { headers: { a: 'text', b: typed(types.int, 1), c: null } })
        ctx.send(counter, 'x', { id: 'a' })
        ctx.send(counter, 'x', 5n, { type: types.long })
        ctx.send(anything, 'x', typed(types.long, 5n))
        ctx.forward(greeter, 'x', received)
        ctx.sendAfter('5 min', greeter, 'x', 'hi', { token: 't' })
        ctx.emit(results, { key: 'k', value: { items: [] } })
        ctx.emit(plain, { topic: 't', value: 'text' })
        ctx.emit(events, { stream: 's', partitionKey: 'p', value: new Uint8Array() })
        ctx.emit(sink, 5n)

        // @ts-expect-error greeter takes text
        ctx.send(greeter, 'x', 5)
        // @ts-expect-error id is missing in the value
        ctx.send(counter, 'x', { delta: 5 })
        // @ts-expect-error ids are text
        ctx.send(greeter, 5, 'hi')
        // @ts-expect-error a function without declared types needs typed(type, value)
        ctx.send(anything, 'x', 'hi')
        // @ts-expect-error a typename alone says nothing about its values
        ctx.send('example/greeter', 'x', 'hi')
        // @ts-expect-error no such unit
        ctx.sendAfter('5 mins', greeter, 'x', 'hi')
        // @ts-expect-error the value is of another type
        ctx.emit(results, { value: 'text' })
        // @ts-expect-error no default topic
        ctx.emit(plain, { value: 'text' })
        // @ts-expect-error numbers need a type
        ctx.emit(plain, { topic: 't', value: 5 })
        // @ts-expect-error no partition key
        ctx.emit(events, { stream: 's', value: 'x' })
        // @ts-expect-error the sink takes longs
        ctx.emit(sink, 'text')
        // @ts-expect-error the value does not match the type
        typed(types.long, 5)
      },
    })
  })
})

describe('definitions', () => {
  it('do not take options that do not exist', () => {
    // @ts-expect-error it is called accepts
    defineFunction({ type: 'example/counter', acepts: [types.long], handle() {} })
    // @ts-expect-error there must be a handler
    defineFunction({ type: 'example/counter' })
    // @ts-expect-error fail or ignore
    defineFunction({ type: 'example/counter', otherTypes: 'drop', handle() {} })
  })
})

describe('the test kit', () => {
  it('is typed by its function', async () => {
    const counter = defineFunction({ type: 'example/counter', state, accepts: [Add], handle() {} })
    const test = testFunction(counter, { state: { total: 5n } })
    expectTypeOf(test.state.total).toEqualTypeOf<bigint | undefined>()
    const effects = await test.invoke({ id: 'a' })
    expectTypeOf(effects.emittedTo(results)[0]!.as(cart)).toEqualTypeOf<{ items: string[] }>()
    // @ts-expect-error id is missing
    await test.invoke({ delta: 1 })
    // @ts-expect-error not declared
    testFunction(counter, { state: { totl: 5n } })
    const kit = createTestKit([counter])
    expectTypeOf(kit.state(counter, 'a').label).toEqualTypeOf<string | undefined>()
    // @ts-expect-error id is missing
    await kit.invoke(counter, 'a', { delta: 1 })
  })
})

describe('no any reaches a user', () => {
  type Sdk = typeof import('./index.ts')
  type Kit = typeof import('./testing/index.ts')
  type IsAny<T> = 0 extends 1 & T ? true : false
  /** The keys of T that are any, or functions whose parameters or result contain any, two levels deep. */
  type Anys<T, Depth extends 0[] = []> =
    IsAny<T> extends true
      ? 'any'
      : Depth['length'] extends 3
        ? never
        : T extends (...args: infer Args) => infer Result
          ? Anys<Args, [...Depth, 0]> | Anys<Result, [...Depth, 0]>
          : T extends readonly unknown[]
            ? Anys<T[number], [...Depth, 0]>
            : T extends object
              ? { [K in keyof T]-?: Anys<T[K], [...Depth, 0]> extends never ? never : K }[keyof T]
              : never

  it('from the exports', () => {
    expectTypeOf<Anys<{ a: { b: unknown } }>>().toBeNever()
    // biome-ignore lint/suspicious/noExplicitAny: shows that the check can fail
    expectTypeOf<Anys<{ a: (x: any) => void }>>().toEqualTypeOf<'a'>()
    // Node types Error's own static members with any.
    expectTypeOf<Anys<Omit<Sdk, 'StatefunError'>>>().toBeNever()
    expectTypeOf<Anys<Kit>>().toBeNever()
    expectTypeOf<Anys<Context<typeof state>>>().toBeNever()
    expectTypeOf<Anys<Message>>().toBeNever()
    expectTypeOf<Handler<typeof defineFunction>>().not.toBeAny()
  })
})
