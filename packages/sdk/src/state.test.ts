import { inspect } from 'node:util'
import { bytesType, jsonType, types } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { call, effectsOf, longMessage, refusal, wire } from '../test/support.ts'
import type { Context } from './context.ts'
import { defineFunction } from './define-function.ts'

const cart = jsonType<{ items: string[] }>('example/cart')
const blob = bytesType('example/blob')
const states = { total: types.long, cart, blob, label: types.string }
type States = typeof states

async function mutationsOf(
  handle: (ctx: Context<States>, step: bigint) => void,
  given: Parameters<typeof call>[2] = {},
  steps = 1,
) {
  const fn = defineFunction({ type: 'example/counter', state: states, accepts: [types.long], handle })
  const messages = Array.from({ length: steps }, (_, index) => longMessage(BigInt(index)))
  const known = { total: undefined, cart: undefined, blob: undefined, label: undefined, ...given }
  return (await effectsOf(call(fn, messages, known))).stateMutations
}

describe('state', () => {
  it('that is only read, or not touched, is not reported', async () => {
    const mutations = await mutationsOf(
      (ctx) => {
        expect(ctx.state.total).toBe(5n)
        expect(ctx.state.cart).toEqual({ items: ['a'] })
        expect(ctx.state.label).toBeUndefined()
      },
      { total: wire(types.long, 5n), cart: wire(cart, { items: ['a'] }) },
    )
    expect(mutations).toEqual([])
  })

  it('that is assigned is reported, also with the value it had', async () => {
    const mutations = await mutationsOf(
      (ctx) => {
        ctx.state.total = 0n
        ctx.state.label = 'x'
      },
      { label: wire(types.string, 'x') },
    )
    expect(mutations).toEqual([
      { stateName: 'total', value: { ...wire(types.long, 0n), value: new Uint8Array(0) } },
      { stateName: 'label', value: wire(types.string, 'x') },
    ])
  })

  it('is removed by undefined', async () => {
    const mutations = await mutationsOf(
      (ctx) => {
        ctx.state.total = undefined
        expect(ctx.state.total).toBeUndefined()
      },
      { total: wire(types.long, 5n) },
    )
    expect(mutations).toEqual([{ stateName: 'total', value: undefined }])
  })

  it('ends with its last status of the batch', async () => {
    const removedThenSet = await mutationsOf(
      (ctx, step) => {
        if (step === 0n) ctx.state.total = undefined
        else ctx.state.total = (ctx.state.total ?? 10n) + step
      },
      { total: wire(types.long, 5n) },
      3,
    )
    expect(removedThenSet).toEqual([{ stateName: 'total', value: wire(types.long, 13n) }])
    const setThenRemoved = await mutationsOf((ctx) => {
      ctx.state.total = 1n
      ctx.state.total = undefined
    })
    expect(setThenRemoved).toEqual([{ stateName: 'total', value: undefined }])
  })

  it('sent with has_value false has no value', async () => {
    const absent = { ...wire(types.long, 5n), hasValue: false }
    await mutationsOf((ctx) => expect(ctx.state.total).toBeUndefined(), { total: absent })
  })

  it('that is an object changed in place is kept (contract 3.5, flaw 5)', async () => {
    const mutations = await mutationsOf((ctx) => ctx.state.cart?.items.push('b'), {
      cart: wire(cart, { items: ['a'] }),
    })
    expect(mutations).toEqual([{ stateName: 'cart', value: wire(cart, { items: ['a', 'b'] }) }])
  })

  it('that was assigned and then changed in place is kept as it was last', async () => {
    const mutations = await mutationsOf((ctx) => {
      const fresh = { items: ['a'] }
      ctx.state.cart = fresh
      fresh.items.push('b')
    })
    expect(mutations).toEqual([{ stateName: 'cart', value: wire(cart, { items: ['a', 'b'] }) }])
  })

  it('that another SDK wrote in another form is not reported for being read', async () => {
    const spaced = { ...wire(cart, { items: [] }), value: new TextEncoder().encode('{ "items" : [ "a" ] }') }
    expect(await mutationsOf((ctx) => void ctx.state.cart, { cart: spaced })).toEqual([])
    const changed = await mutationsOf((ctx) => ctx.state.cart?.items.push('b'), { cart: spaced })
    expect(changed).toEqual([{ stateName: 'cart', value: wire(cart, { items: ['a', 'b'] }) }])
  })

  it('of raw bytes is a copy of its own in both directions', async () => {
    const stored = Uint8Array.of(1, 2)
    const given = { blob: { typename: blob.typename, hasValue: true, value: stored } }
    const changed = await mutationsOf((ctx) => ctx.state.blob?.fill(9), given)
    expect(stored).toEqual(Uint8Array.of(1, 2))
    expect(changed[0]?.value?.value).toEqual(Uint8Array.of(9, 9))

    const assigned = Uint8Array.of(7)
    const mutations = await mutationsOf((ctx) => {
      ctx.state.blob = assigned
    })
    assigned.fill(0)
    expect(mutations[0]?.value?.value).toEqual(Uint8Array.of(7))
  })

  it('shows its values in JSON and when inspected', async () => {
    await mutationsOf(
      (ctx) => {
        expect(JSON.stringify(ctx.state)).toBe('{"cart":{"items":["a"]},"label":"x"}')
        expect(inspect(ctx.state)).toContain("label: 'x'")
        const names: string[] = []
        for (const name in ctx.state) names.push(name)
        expect(names).toEqual(['total', 'cart', 'blob', 'label'])
      },
      { cart: wire(cart, { items: ['a'] }), label: wire(types.string, 'x') },
    )
  })

  it('can be awaited and named without being asked for undeclared names', async () => {
    await mutationsOf(async (ctx) => {
      await ctx.state
      expect(Object.prototype.toString.call(ctx.state)).toBe('[object Object]')
      expect('totl' in ctx.state).toBe(false)
    })
  })
})

describe('state refuses', () => {
  const refused = (handle: (ctx: Context<States>) => void, given: Parameters<typeof call>[2] = {}) =>
    refusal(() => mutationsOf(handle, given))

  it('null', async () => {
    const error = await refused((ctx) => {
      ctx.state.total = null as unknown as undefined
    })
    expect(error).toMatchObject({
      code: 'SF_SDK_STATE_NULL',
      hint: expect.stringContaining('ctx.state.total = undefined'),
    })
  })

  it('a value of another kind, at the assignment', async () => {
    let after = false
    const error = await refused((ctx) => {
      ctx.state.total = 5 as unknown as bigint
      after = true
    })
    expect(after).toBe(false)
    expect(error).toMatchObject({ code: 'SF_SDK_STATE_VALUE', where: 'example/counter id [x]' })
    expect(error.message).toContain('state "total" of type io.statefun.types/long cannot hold the number 5')
  })

  it('a long beyond 64 bits', async () => {
    const error = await refused((ctx) => {
      ctx.state.total = 2n ** 63n
    })
    expect(error.code).toBe('SF_SDK_STATE_VALUE')
  })

  it('a value that cannot be encoded', async () => {
    const error = await refused((ctx) => {
      const circular: { items: string[]; self?: unknown } = { items: [] }
      circular.self = circular
      ctx.state.cart = circular
    })
    expect(error).toMatchObject({ code: 'SF_SDK_STATE_VALUE' })
  })

  it('names that are not declared, with the one that was meant', async () => {
    const read = await refused((ctx) => void (ctx.state as { totl?: bigint }).totl)
    const written = await refused((ctx) => {
      ;(ctx.state as { totl?: bigint }).totl = 1n
    })
    const distant = await refused((ctx) => void (ctx.state as { quite_different?: bigint }).quite_different)
    for (const error of [read, written, distant]) expect(error.code).toBe('SF_SDK_STATE_UNDECLARED')
    expect(read.hint).toBe('did you mean "total"?')
    expect(written.hint).toBe('did you mean "total"?')
    expect(distant.hint).toBe('declared: total, cart, blob, label')
  })

  it('a stored value of another type, and broken bytes', async () => {
    const other = await refused((ctx) => void ctx.state.total, { total: wire(types.int, 5) })
    expect(other.code).toBe('SF_SDK_STATE_TYPE')
    expect(other.message).toContain('io.statefun.types/int')
    const broken = { ...wire(types.long, 5n), value: Uint8Array.of(0x09) }
    expect((await refused((ctx) => void ctx.state.total, { total: broken })).code).toBe('SF_SDK_STATE_DECODE')
  })
})
