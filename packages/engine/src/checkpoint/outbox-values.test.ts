import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OutboxValues, outboxValues } from './outbox-values.ts'

describe('the values of an outbox', () => {
  it('come back as they were, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 20 }), (given) => {
        const values = new OutboxValues(16)
        for (const value of given) values.push(value)
        const read = [...outboxValues(values.finish())].map((value) => Buffer.from(value).toString('hex'))
        expect(read).toEqual(given.map((value) => Buffer.from(value).toString('hex')))
      }),
    )
  })

  it('are copies', () => {
    const values = new OutboxValues()
    const given = Uint8Array.of(1, 2, 3)
    values.push(given)
    given.fill(0)
    expect([...outboxValues(values.finish())].map((value) => [...value])).toEqual([[1, 2, 3]])
  })

  it('are refused when they end too early, never misread', () => {
    const values = new OutboxValues()
    values.push(new Uint8Array(200))
    const bytes = values.finish()
    for (let length = 1; length < bytes.length; length++) {
      expect(() => [...outboxValues(bytes.subarray(0, length))]).toThrow(RangeError)
    }
    expect(() => [...outboxValues(new Uint8Array(8).fill(0xff))]).toThrow(RangeError)
  })
})
