import { describe, expect, it } from 'vitest'
import { parseDuration } from './duration.ts'
import { StatefunError } from './statefun-error.ts'

describe('parseDuration', () => {
  it.each([
    ['1d', 86_400_000],
    ['2 days', 172_800_000],
    ['1 h', 3_600_000],
    ['3hours', 10_800_000],
    ['5m', 300_000],
    ['5min', 300_000],
    ['1minute', 60_000],
    ['30s', 30_000],
    ['30sec', 30_000],
    ['30secs', 30_000],
    ['30 seconds', 30_000],
    ['250ms', 250],
    ['250 millis', 250],
    ['1 MIN', 60_000],
    [' 7  s ', 7_000],
    ['1500', 1_500],
    [1_500, 1_500],
    ['0', 0],
    ['0s', 0],
  ])('reads %j as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each([
    ['1µs', 1],
    ['1000 micros', 1],
    ['1001µs', 2],
    ['1ns', 1],
    ['1000000 nanoseconds', 1],
    ['2000001ns', 3],
    ['0ns', 0],
    [0.2, 1],
  ])('rounds %j up to %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', 's', '30 parsecs', '-5s', '1.5s', '5 mins', '1h 30m', 'PT1M', -1, Number.NaN, Infinity])(
    'refuses %j',
    (text) => {
      expect(() => parseDuration(text)).toThrowError(
        expect.objectContaining({ code: 'SF_DURATION_INVALID', message: `"${text}" is not a duration` }),
      )
    },
  )

  it('refuses what a number of ms cannot hold', () => {
    expect(() => parseDuration('999999999999 days')).toThrow(StatefunError)
    expect(() => parseDuration('999999999999 days')).toThrow(/too long/)
  })
})
