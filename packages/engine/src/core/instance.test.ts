import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FunctionType } from './function-type.ts'
import { FEW_BYTES, INLINE_BYTES, Instance } from './instance.ts'

function newInstance(): Instance {
  const type = new FunctionType('test', 'fn', { maxNumBatchRequests: 0, failurePolicy: { type: 'fail' } })
  for (const stateName of ['a', 'b']) {
    type.register({ stateName, typename: 'test/bytes', expireMode: 'none', expireAfterMs: 0 })
  }
  return new Instance(type, 'id')
}

const value = fc.oneof(
  fc.uint8Array({ maxLength: FEW_BYTES + 2 }),
  fc.uint8Array({ minLength: INLINE_BYTES - 2, maxLength: INLINE_BYTES + 2 }),
)

const step = fc.record({
  slot: fc.constantFrom(0, 1),
  value: fc.option(value, { nil: undefined }),
  /** Comes from a checkpoint, in the midst of other bytes. */
  restored: fc.boolean(),
})

describe('state bytes', () => {
  it('are what they were set to last, whatever was there before, and nobody else sees them change', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const instance = newInstance()
        const expected: (Buffer | undefined)[] = [undefined, undefined]
        for (const { slot, value, restored } of steps) {
          const given = value === undefined ? undefined : Buffer.from(value)
          if (!restored) instance.setValue(slot, given, 0)
          else if (given === undefined) instance.restoreRemoval(slot, 0)
          else
            instance.restoreValue(
              slot,
              Buffer.concat([[1], given, [2]].map(Buffer.from)),
              1,
              1 + given.length,
              0,
            )
          expected[slot] = given === undefined ? undefined : Buffer.from(given)
          // Few bytes were copied. Of many it may keep what it was given, which nobody may change then.
          if (given !== undefined && given.length <= INLINE_BYTES) given.fill(7)
          for (const [at, bytes] of expected.entries()) {
            const got = instance.value(at)
            expect(got === undefined ? undefined : Buffer.from(got)).toEqual(bytes)
            expect(instance.valueLength(at)).toBe(bytes?.length ?? -1)
            if (bytes === undefined) continue
            const into = Buffer.alloc(bytes.length + 2, 9)
            instance.copyValue(at, into, 1)
            expect(into).toEqual(Buffer.concat([Buffer.from([9]), bytes, Buffer.from([9])]))
          }
          const bytes = expected.reduce((sum, each) => sum + (each?.length ?? 0), 0)
          expect([instance.valueBytes, instance.type.valueBytes]).toEqual([bytes, bytes])
          expect(instance.disposable).toBe(expected.every((each) => each === undefined))
        }
      }),
    )
  })
})
