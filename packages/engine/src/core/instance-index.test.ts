import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FunctionType } from './function-type.ts'
import { Instance } from './instance.ts'
import { InstanceIndex } from './instance-index.ts'

const type = new FunctionType('test', 'fn', { maxNumBatchRequests: 0, failurePolicy: { type: 'fail' } })

/** The bytes of an id in the midst of others. */
function range(id: string) {
  const bytes = Buffer.from(`<${id}>`)
  return { bytes, start: 1, end: bytes.length - 1 }
}

describe('an index of instances', () => {
  it('holds what a map holds, also by the bytes of an id', () => {
    const id = fc.oneof(
      fc.nat({ max: 60 }).map(String),
      fc.constantFrom('', 'é', 'e\u0301', '\ud800', '😀', 'a'.repeat(300)),
    )
    const step = fc.record({ kind: fc.constantFrom('set' as const, 'set' as const, 'delete' as const), id })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
        const index = new InstanceIndex()
        const map = new Map<string, Instance>()
        for (const { kind, id } of steps) {
          if (kind === 'delete') expect(index.delete(id)).toBe(map.delete(id))
          else {
            const instance = new Instance(type, id)
            index.set(id, instance)
            map.set(id, instance)
          }
          expect(index.size).toBe(map.size)
        }
        for (const { id } of steps) {
          expect(index.get(id)).toBe(map.get(id))
          expect(index.has(id)).toBe(map.has(id))
          if (/^[ -~]*$/.test(id)) expect(index.find(range(id))).toBe(map.get(id))
        }
        expect(new Set(index.values())).toEqual(new Set(map.values()))
      }),
    )
  })

  it('leaves bytes that are not ASCII to the text they decode to', () => {
    const index = new InstanceIndex()
    for (const id of ['\u00e9', '\u00c3\u00a9']) index.set(id, new Instance(type, id))
    expect(index.find(range('\u00e9'))).toBeUndefined()
  })

  it('passes all that were there when they were asked for, whatever comes and goes meanwhile', () => {
    const index = new InstanceIndex()
    for (const id of ['a', 'b', 'c', 'd']) index.set(id, new Instance(type, id))
    index.delete('b')
    const seen: string[] = []
    for (const { id } of index.values()) {
      seen.push(id)
      if (id === 'a') {
        for (const late of ['e', 'f']) index.set(late, new Instance(type, late))
        index.delete('c')
      }
    }
    expect(seen).toEqual(['a', 'e', 'd'])
  })
})
