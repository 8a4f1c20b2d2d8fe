import { describe, expect, it } from 'vitest'
import type { FunctionType } from './function-type.ts'
import { type FunctionBinding, FunctionTypes } from './function-types.ts'

const bind = (namespace: string, name: string | undefined, maxNumBatchRequests: number): FunctionBinding => ({
  namespace,
  name,
  settings: { maxNumBatchRequests, failurePolicy: { type: 'fail' } },
})

function made(...bindings: FunctionBinding[]): { types: FunctionTypes; created: FunctionType[] } {
  const created: FunctionType[] = []
  return { types: new FunctionTypes(bindings, (type) => created.push(type)), created }
}

describe('function types', () => {
  it('are bound by their own entry rather than by their namespace, in either order', () => {
    for (const bindings of [
      [bind('test', undefined, 10), bind('test', 'fn', 20)],
      [bind('test', 'fn', 20), bind('test', undefined, 10)],
    ]) {
      const { types } = made(...bindings)
      expect(types.find('test', 'fn')?.maxBacklog).toBe(20)
      expect(types.find('test', 'other')?.maxBacklog).toBe(10)
    }
  })

  it('have no limit of their backlog at 0 and below', () => {
    const { types } = made(bind('test', 'a', 0), bind('test', 'b', -1))
    expect(types.find('test', 'a')?.maxBacklog).toBe(Number.POSITIVE_INFINITY)
    expect(types.find('test', 'b')?.maxBacklog).toBe(Number.POSITIVE_INFINITY)
  })

  it('are made once', () => {
    const { types, created } = made(bind('test', undefined, 10))
    expect(types.find('test', 'fn')).toBe(types.get('test', 'fn', 'x'))
    expect(types.restored('test', 'fn')).toBe(created[0])
    expect(created).toHaveLength(1)
  })

  it('that are not bound are refused with who asked and the nearest that is', () => {
    const { types } = made(bind('test', 'counter', 10), bind('shop', undefined, 10))
    expect(types.find('tset', 'counter')).toBeUndefined()
    expect(() => types.get('test', 'conter', 'shop/cart id [a]')).toThrow(
      expect.objectContaining({
        code: 'SF_FUNCTION_UNKNOWN',
        message: 'no endpoint serves the function test/conter',
        where: 'shop/cart id [a]',
        hint: expect.stringContaining('test/counter'),
      }),
    )
  })

  it('of a checkpoint are kept when nothing is bound to them, and never get a transport', () => {
    const { types, created } = made(bind('test', 'fn', 10))
    const gone = types.restored('old', 'fn')
    expect(types.restored('old', 'fn')).toBe(gone)
    expect(types.unbound).toEqual(['old/fn'])
    expect(types.find('old', 'fn')).toBeUndefined()
    expect(created).toEqual([])
    expect([...types]).toEqual([gone])
  })

  it('are only made when something is sent to them, not when somebody looks', () => {
    const { types, created } = made(bind('test', undefined, 10))
    expect(types.known('test', 'fn')).toBeUndefined()
    expect(created).toEqual([])
    expect(types.known('old', 'fn')).toBeUndefined()
    const gone = types.restored('old', 'fn')
    expect(types.known('old', 'fn')).toBe(gone)
    types.check('test', 'any')
    types.check('old', 'fn')
    expect(() => types.check('test2', '*')).toThrow(
      expect.objectContaining({
        code: 'SF_FUNCTION_UNKNOWN',
        hint: 'bind it in module.yaml; the nearest bound function is test/*',
      }),
    )
    expect(created).toEqual([])
    const bound = types.find('test', 'fn')
    expect(types.known('test', 'fn')).toBe(bound)
  })
})

describe('states of a function type', () => {
  const spec = (stateName: string, over: object = {}) => ({
    stateName,
    typename: 'test/text',
    expireMode: 'none' as const,
    expireAfterMs: 0,
    ...over,
  })
  const type = () => made(bind('test', undefined, 10)).types.get('test', 'fn', 'x')

  it('keep their first expiration until the next start', () => {
    const fn = type()
    fn.register(spec('a', { expireMode: 'after-write', expireAfterMs: 5 }))
    fn.register(spec('a', { expireMode: 'after-invoke', expireAfterMs: 50 }))
    expect(fn.states).toMatchObject([{ name: 'a', expireMode: 'after-write', expireAfterMs: 5 }])
    expect(fn.registeredStates).toBe(1)
  })

  it('without a typename are stored as unset', () => {
    const fn = type()
    fn.register(spec('a', { typename: '' }))
    expect(fn.states[0]?.typename).toBe('io.statefun.types/unset')
    fn.register(spec('a', { typename: '' }))
  })

  it.each([0, -1, Number.NaN])('cannot expire after %d ms', (expireAfterMs) => {
    expect(() => type().register(spec('a', { expireMode: 'after-write', expireAfterMs }))).toThrow(
      expect.objectContaining({ code: 'SF_STATE_BAD_SPEC', where: 'test/fn' }),
    )
  })

  it('of a checkpoint are there and not sent until they are declared', () => {
    const fn = type()
    expect(fn.restoreSlot('a', 'test/text')).toBe(0)
    expect(fn.restoreSlot('b', 'test/text')).toBe(1)
    expect(fn.restoreSlot('a', 'test/text')).toBe(0)
    expect(fn.registeredStates).toBe(0)
    fn.register(spec('b'))
    expect(fn.states.map(({ name, registered }) => [name, registered])).toEqual([
      ['a', false],
      ['b', true],
    ])
    expect(() => fn.register(spec('a', { typename: 'test/other' }))).toThrow(
      expect.objectContaining({
        code: 'SF_STATE_TYPE_CHANGED',
        message: expect.stringContaining('checkpoint'),
      }),
    )
  })
})
