import { parseDuration as parseText, StatefunError } from '@statefun/protocol'

/** A unit of {@link DurationText}, as module.yaml writes them (contract 4.1). */
export type DurationUnit =
  | 'd'
  | 'day'
  | 'days'
  | 'h'
  | 'hour'
  | 'hours'
  | 'm'
  | 'min'
  | 'minute'
  | 'minutes'
  | 's'
  | 'sec'
  | 'secs'
  | 'second'
  | 'seconds'
  | 'ms'
  | 'milli'
  | 'millis'
  | 'millisecond'
  | 'milliseconds'
  | 'µs'
  | 'micro'
  | 'micros'
  | 'microsecond'
  | 'microseconds'
  | 'ns'
  | 'nano'
  | 'nanos'
  | 'nanosecond'
  | 'nanoseconds'

/** A duration in words: `5 min`, `1h`, `250 ms`. */
export type DurationText = `${bigint} ${DurationUnit}` | `${bigint}${DurationUnit}`

/** A duration: whole milliseconds, or text with a unit. Text that is only known at run time goes through {@link parseDuration}. */
export type Duration = number | DurationText

const CACHE_LIMIT = 256
const cache = new Map<string, number>()

/**
 * Milliseconds of a duration: a whole number >= 0 as it is, text by the units of module.yaml (contract 4.1), no unit
 * meaning milliseconds; what is no whole number of milliseconds in text is rounded up.
 *
 * @throws StatefunError `SF_DURATION_INVALID` when negative, fractional, beyond 2^53 - 1 ms, or with a unit that does not
 *   exist
 * @example parseDuration('5 min') // 300000
 */
export function parseDuration(duration: number | string): number {
  if (typeof duration === 'string') {
    // Handlers name the same few delays again and again.
    const known = cache.get(duration)
    if (known !== undefined) return known
    const parsed = parseText(duration)
    if (cache.size < CACHE_LIMIT) cache.set(duration, parsed)
    return parsed
  }
  if (!Number.isSafeInteger(duration) || duration < 0) {
    throw new StatefunError('SF_DURATION_INVALID', `${duration} is not a duration`, {
      hint: "write whole milliseconds as a number, or text such as '250 ms', '30 s', '5 min', '1h', '7 days'",
    })
  }
  return duration
}
