import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FunctionType } from '../core/function-type.ts'
import { Instance } from '../core/instance.ts'
import { PassingInstances } from './passing-instances.ts'

const type = new FunctionType('test', 'fn', {
  maxNumBatchRequests: 0,
  failurePolicy: { type: 'fail' },
})

/** Few hashes, so that many keys share one or its neighbours, also around the end of a table. */
const key = fc.integer({ min: 0, max: 40 }).map((number) => ({
  id: String(number),
  hash: [0, 1, 2, 15, 31, 0x7fffffff][number % 6]!,
}))
const operation = fc.record({ kind: fc.constantFrom('add', 'add', 'delete', 'next'), key })

function instanceOf({ id, hash }: { readonly id: string; readonly hash: number }): Instance {
  const instance = new Instance(type, id)
  instance.hash = hash
  return instance
}

describe('instances that are passing', () => {
  it('are found, and leave in the order in which they came', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300, size: 'max' }), (operations) => {
        const passing = new PassingInstances()
        const model = new Map<string, Instance>()
        for (const { kind, key } of operations) {
          const known = model.get(key.id)
          if (kind === 'add' && known === undefined) {
            const instance = instanceOf(key)
            passing.push(instance)
            model.set(key.id, instance)
          } else if (kind === 'delete' && known !== undefined) {
            passing.delete(known)
            model.delete(key.id)
          } else if (kind === 'next') {
            const [first] = model.values()
            expect(passing.shift()).toBe(first)
            if (first !== undefined) model.delete(first.id)
          }
          expect(passing.find(key.hash, type, key.id)).toBe(model.get(key.id))
        }
        expect([...passing]).toEqual([...model.values()])
        expect(passing.size).toBe(model.size)
      }),
    )
  })
})
