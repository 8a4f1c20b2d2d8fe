import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ChangedState, EpochChanges } from './epoch-changes.ts'
import { FunctionType } from './function-type.ts'
import { Instance } from './instance.ts'

const IDS = ['a', 'b', 'é', '😀', 'x'.repeat(300)]
const SLOTS = 3

function typeWithStates(expireAfterMs: number): FunctionType {
  const type = new FunctionType('test', 'fn', { maxNumBatchRequests: 0, failurePolicy: { type: 'fail' } })
  for (let slot = 0; slot < SLOTS; slot++) {
    const expireMode = expireAfterMs === 0 ? 'none' : 'after-write'
    type.register({ stateName: `s${slot}`, typename: 'test/bytes', expireMode, expireAfterMs })
  }
  return type
}

/** Values by id and state. */
function contentOf(changes: EpochChanges): Map<string, string> {
  const content = new Map<string, string>()
  for (let change = 0; change < changes.length; change++) {
    const changed = changes.stateOf(change)
    if (changed === undefined) continue
    const bytes = changes.bytesOf(change)
    const start = changes.idEnd(change)
    const end = changes.valueEnd(change)
    const key = `${bytes.toString('utf8', changes.idStart(change), start)} ${changed.state.name}`
    // What a replay would do to it: the last one counts.
    const value = changes.longValue(change) ?? (end === -1 ? undefined : bytes.subarray(start, end))
    content.set(
      key,
      `${value === undefined ? 'removed' : Buffer.from(value).toString('hex')} ${changes.stampOf(change)}`,
    )
  }
  return content
}

describe('the changes of an epoch', () => {
  const change = fc.record({
    id: fc.constantFrom(...IDS),
    slot: fc.integer({ min: 0, max: SLOTS - 1 }),
    value: fc.option(
      fc.oneof(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ minLength: 50, maxLength: 80 })),
      { nil: undefined },
    ),
    leaves: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  })

  it.each([0, 1000])('are what each state was last, epoch after epoch (expiration %i)', (expireAfterMs) => {
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 60 }), { maxLength: 5 }), (epochs) => {
        const type = typeWithStates(expireAfterMs)
        const states: ChangedState[] = []
        const changes = new EpochChanges(states)
        const instances = new Map<string, Instance>()
        let now = 1
        for (const [at, steps] of epochs.entries()) {
          const expected = new Map<string, string>()
          for (const { id, slot, value, leaves } of steps) {
            const instance = instances.get(id) ?? new Instance(type, id)
            instances.set(id, instance)
            now++
            if (instance.setValue(slot, value, now)) {
              changes.put(instance, slot, at + 1)
              const text = value === undefined ? 'removed' : Buffer.from(value).toString('hex')
              expected.set(`${id} s${slot}`, `${text} ${expireAfterMs === 0 ? 0 : now}`)
            }
            // From the disk it comes back as another one.
            if (!leaves) continue
            const back = new Instance(type, id)
            for (let s = 0; s < instance.slots; s++) {
              const value = instance.value(s)
              const stamp = instance.stamps?.[s] ?? 0
              if (value === undefined) back.restoreRemoval(s, stamp)
              else back.restoreValue(s, value, 0, value.length, stamp)
            }
            instances.set(id, back)
          }
          expect(contentOf(changes)).toEqual(expected)
          changes.reset()
          expect(changes.size).toBe(0)
        }
      }),
    )
  })

  it('of one state take hardly more room when there are many', () => {
    const type = typeWithStates(0)
    const instance = new Instance(type, 'a')
    const changes = new EpochChanges([])
    for (let i = 0; i < 10_000; i++) {
      instance.setValue(0, i % 7 === 0 ? undefined : new Uint8Array(i % 200), i)
      changes.put(instance, 0, 1)
    }
    expect(changes.length).toBeLessThanOrEqual(3)
    expect(changes.size).toBeLessThan(1000)
  })

  it('are all there when there are many, and their memory is used again', () => {
    const type = typeWithStates(0)
    const changes = new EpochChanges([])
    const instances = Array.from({ length: 5000 }, (_, i) => new Instance(type, `key-${i}`))
    for (let epoch = 1; epoch <= 3; epoch++) {
      const expected = new Map<string, string>()
      for (const slot of [0, 2]) {
        for (const [i, instance] of instances.entries()) {
          if (epoch === 3 && i >= 10) break
          const value = Buffer.from(`${epoch} ${i}`)
          instance.setValue(slot, value, 1)
          changes.put(instance, slot, epoch)
          // Once more, where the first change of its epoch is in a block before.
          if (slot === 2) changes.put(instance, 0, epoch)
          expected.set(`key-${i} s${slot}`, `${value.toString('hex')} 0`)
        }
      }
      expect(changes.length).toBe(expected.size)
      expect(contentOf(changes)).toEqual(expected)
      changes.reset()
    }
  })
})
