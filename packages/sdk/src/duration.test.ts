import { describe, expect, it } from 'vitest'
import { refusal } from '../test/support.ts'
import { parseDuration } from './duration.ts'

describe('parseDuration', () => {
  it.each([
    ['7d', 604_800_000],
    ['1 day', 86_400_000],
    ['2 hours', 7_200_000],
    ['1h', 3_600_000],
    ['5 m', 300_000],
    ['5min', 300_000],
    ['1 minutes', 60_000],
    ['30 s', 30_000],
    ['30 secs', 30_000],
    ['2seconds', 2000],
    ['250 ms', 250],
    ['250 millis', 250],
    ['3000 µs', 3],
    ['2000000 nanos', 2],
    ['42', 42],
    [' 1  H ', 3_600_000],
    ['0 ms', 0],
  ])('reads %j', (text, millis) => {
    expect(parseDuration(text)).toBe(millis)
    expect(parseDuration(text)).toBe(millis)
  })

  it('takes whole milliseconds', () => {
    expect(parseDuration(0)).toBe(0)
    expect(parseDuration(1500)).toBe(1500)
  })

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'refuses the number %d',
    async (value) => {
      expect((await refusal(() => parseDuration(value))).code).toBe('SF_DURATION_INVALID')
    },
  )

  it.each(['', 'soon', '-5 min', '1.5 h', '5 fortnights', '5 min 3 s', '999999999999 days'])(
    'refuses the text %j',
    async (text) => {
      const error = await refusal(() => parseDuration(text))
      expect(error.code).toBe('SF_DURATION_INVALID')
      expect(error.message).toContain(`"${text}"`)
    },
  )
})
