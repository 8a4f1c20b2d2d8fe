import { types } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { refusal } from '../test/support.ts'
import { defineFunction, type FunctionOptions } from './define-function.ts'
import { functionRef } from './function-ref.ts'
import { type StateDeclarations, value } from './state-declaration.ts'
import type { AnyValueType } from './value-type.ts'

const handle = () => {}

function define(options: Partial<FunctionOptions<StateDeclarations, readonly AnyValueType[] | undefined>>) {
  return defineFunction({ type: 'example/counter', handle, ...options })
}

describe('what is refused when a function is defined (contract 3.2)', () => {
  it.each(['counter', '/counter', 'example/', 'a/b/c', ''])('the typename %j', async (type) => {
    expect((await refusal(() => define({ type }))).code).toBe('SF_TYPENAME_INVALID')
  })

  it.each(['1st', 'with-dash', 'with space', 'ünicode', ''])('the state name %j', async (name) => {
    const error = await refusal(() => define({ state: { [name]: types.long } }))
    expect(error).toMatchObject({ code: 'SF_SDK_STATE_NAME', where: 'example/counter' })
  })

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'then', 'toJSON'])(
    'the state name %j, which the language uses itself',
    async (name) => {
      const state = Object.fromEntries([[name, types.long]])
      expect((await refusal(() => define({ state }))).code).toBe('SF_SDK_STATE_NAME')
    },
  )

  it.each(['total', 'Total', '_x', 'a1', 'CamelCase2'])('but not the state name %j', (name) => {
    expect(() => define({ state: { [name]: types.long } })).not.toThrow()
  })

  it('something that is no type as a state', async () => {
    const state = { total: { typename: 'example/total' } as unknown as typeof types.long }
    const error = await refusal(() => define({ state }))
    expect(error).toMatchObject({ code: 'SF_SDK_STATE_DECLARATION', where: 'example/counter' })
  })

  it('a state type whose typename the runtime would refuse (contract 1.5)', async () => {
    const state = { total: { ...types.long, typename: 'a/b/c' } }
    expect((await refusal(() => define({ state }))).code).toBe('SF_TYPENAME_INVALID')
  })

  it('both expirations', async () => {
    const both = { write: '1h', call: '1h' } as unknown as { write: '1h' }
    const error = await refusal(() => value(types.long, { expireAfter: both }))
    expect(error.code).toBe('SF_SDK_STATE_EXPIRATION')
    expect(error.message).toContain('not both')
  })

  it('an expiration that says neither', async () => {
    const neither = {} as unknown as { write: '1h' }
    expect((await refusal(() => value(types.long, { expireAfter: neither }))).code).toBe(
      'SF_SDK_STATE_EXPIRATION',
    )
  })

  it('an expiration of nothing, less than nothing, or a fraction', async () => {
    const zero = await refusal(() => value(types.long, { expireAfter: { write: 0 } }))
    const negative = await refusal(() => value(types.long, { expireAfter: { call: -1 } }))
    const fraction = await refusal(() => value(types.long, { expireAfter: { call: 0.5 } }))
    expect([zero.code, negative.code, fraction.code]).toEqual([
      'SF_SDK_STATE_EXPIRATION',
      'SF_DURATION_INVALID',
      'SF_DURATION_INVALID',
    ])
  })

  it('an empty list of accepted types, or one type twice', async () => {
    expect((await refusal(() => define({ accepts: [] }))).code).toBe('SF_SDK_ACCEPTS_INVALID')
    expect((await refusal(() => define({ accepts: [types.int, types.int] }))).code).toBe(
      'SF_SDK_ACCEPTS_INVALID',
    )
    expect((await refusal(() => functionRef('example/other', []))).code).toBe('SF_SDK_ACCEPTS_INVALID')
  })

  it('no handler', async () => {
    const options = { handle: undefined } as unknown as { handle: () => void }
    expect((await refusal(() => define(options))).code).toBe('SF_SDK_HANDLER_MISSING')
  })

  it('an option that does not exist, with the one that was meant', async () => {
    const error = await refusal(() => define({ acepts: [types.int] } as object))
    expect(error).toMatchObject({ code: 'SF_SDK_OPTION_UNKNOWN', hint: 'did you mean "accepts"?' })
  })

  it('an unknown value of otherTypes', async () => {
    const options = { otherTypes: 'drop' } as unknown as { otherTypes: 'fail' }
    expect((await refusal(() => define(options))).code).toBe('SF_SDK_OPTION_INVALID')
  })
})
