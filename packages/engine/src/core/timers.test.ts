import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Timer, Timers } from './timers.ts'

function timer(sequence: number, due: number, senderId = 'a', token?: string): Timer {
  return {
    sequence,
    due,
    target: { namespace: 'test', type: 'fn', id: 'x' },
    invocation: {
      caller: { namespace: 'test', type: 'fn', id: senderId },
      argument: { typename: 'test/text', hasValue: true, value: new Uint8Array(0) },
    },
    token,
    epoch: 1,
    cancelled: false,
  }
}

const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      delay: fc.nat({ max: 20 }),
      sender: fc.constantFrom('a', 'b', ''),
      token: fc.option(fc.constantFrom('t', 'u', 'v'), { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('cancel' as const),
      sender: fc.constantFrom('a', 'b', ''),
      token: fc.constantFrom('t', 'u', 'v'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), sequence: fc.nat({ max: 80 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat({ max: 8 }) }) },
)

describe('delayed messages', () => {
  it('leave in the order of a sorted list, whatever is cancelled', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 150, size: 'max' }), (operations) => {
        const timers = new Timers()
        let list: Timer[] = []
        let now = 0
        let sequence = 0
        const withToken = (sender: string, token: string) =>
          list.find((each) => each.invocation.caller?.id === sender && each.token === token)
        for (const step of operations) {
          if (step.kind === 'add') {
            const taken = step.token !== undefined && withToken(step.sender, step.token) !== undefined
            const added = timer(sequence++, now + step.delay, step.sender, taken ? undefined : step.token)
            timers.add(added)
            list.push(added)
            list.sort((a, b) => a.due - b.due || a.sequence - b.sequence)
          } else if (step.kind === 'cancel') {
            const expected = withToken(step.sender, step.token)
            expect(timers.cancel(step.sender, step.token)).toBe(expected)
            list = list.filter((each) => each !== expected)
          } else if (step.kind === 'remove') {
            timers.remove(step.sequence)
            list = list.filter((each) => each.sequence !== step.sequence)
          } else {
            now += step.ms
            for (let due = timers.poll(now); due !== undefined; due = timers.poll(now)) {
              expect(due).toBe(list.shift())
            }
          }
          expect(timers.nextDue()).toBe(list[0]?.due)
          if (list[0] !== undefined && step.kind === 'pass') expect(list[0].due).toBeGreaterThan(now)
          expect(timers.size).toBe(list.length)
          for (const token of ['t', 'u', 'v'])
            expect(timers.hasToken('a', token)).toBe(withToken('a', token) !== undefined)
        }
        expect([...timers.values()].sort((a, b) => a.sequence - b.sequence)).toEqual(
          [...list].sort((a, b) => a.sequence - b.sequence),
        )
      }),
      { numRuns: 200 },
    )
  })

  it('keep the token of a later message when an earlier one with it is removed', () => {
    const timers = new Timers()
    timers.add(timer(1, 10, 'a', 't'))
    timers.add(timer(2, 20, 'a', 't'))
    timers.remove(1)
    expect(timers.hasToken('a', 't')).toBe(true)
    expect(timers.cancel('a', 't')?.sequence).toBe(2)
  })

  it('do not confuse the parts of a token’s scope', () => {
    const timers = new Timers()
    timers.add(timer(1, 10, 'a', 'bc'))
    expect(timers.hasToken('ab', 'c')).toBe(false)
    expect(timers.cancel('ab', 'c')).toBeUndefined()
  })

  it('that were cancelled by the thousand leave the rest in order', () => {
    const timers = new Timers()
    for (let i = 0; i < 5000; i++) timers.add(timer(i, 5000 - i, 'a', String(i)))
    for (let i = 0; i < 5000; i++) if (i % 10 !== 0) timers.cancel('a', String(i))
    const left: number[] = []
    for (let due = timers.poll(5000); due !== undefined; due = timers.poll(5000)) left.push(due.due)
    expect(left).toHaveLength(500)
    expect(left).toEqual([...left].sort((a, b) => a - b))
  })
})
