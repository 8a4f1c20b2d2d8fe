import { expect, it } from 'vitest'
import { SlowStart } from './slow-start.ts'
import { ManualClock } from './testing/manual-clock.ts'

function begin(most: number) {
  const clock = new ManualClock()
  const limits: number[] = []
  const start: SlowStart = new SlowStart(most, clock, () => limits.push(start.calls))
  return { clock, limits, start }
}

it('lets one more call go with each answer', () => {
  const { limits, start } = begin(18)
  expect(start.calls).toBe(16)
  expect(start.messages).toBe(Number.POSITIVE_INFINITY)
  start.called()
  start.answered()
  expect(start.messages).toBe(17 * 16)
  start.answered()
  start.answered()
  expect(limits).toEqual([17, 18])
  expect(start.messages).toBe(Number.POSITIVE_INFINITY)
})

it('never begins with more than the limit that is configured', () => {
  expect(begin(2).start.calls).toBe(2)
})

it('waits for functions that answer, and not for those that do not', async () => {
  const { clock, limits, start } = begin(0)
  await clock.pass(500)
  start.called()
  await clock.pass(200)
  start.answered()
  await clock.pass(200)
  expect(limits).toEqual([17])
  await clock.pass(150)
  expect(limits).toEqual([17, Number.POSITIVE_INFINITY])
})

it('is over with the job', async () => {
  const { clock, limits, start } = begin(0)
  start.called()
  start.close()
  await clock.pass(500)
  expect(limits).toEqual([])
})
