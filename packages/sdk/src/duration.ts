import { StatefunError } from '@statefun/protocol'

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

const UNIT_NANOS: ReadonlyMap<string, bigint> = new Map(
  (
    [
      [86_400_000_000_000n, ['d', 'day', 'days']],
      [3_600_000_000_000n, ['h', 'hour', 'hours']],
      [60_000_000_000n, ['m', 'min', 'minute', 'minutes']],
      [1_000_000_000n, ['s', 'sec', 'secs', 'second', 'seconds']],
      [1_000_000n, ['', 'ms', 'milli', 'millis', 'millisecond', 'milliseconds']],
      [1_000n, ['µs', 'μs', 'micro', 'micros', 'microsecond', 'microseconds']],
      [1n, ['ns', 'nano', 'nanos', 'nanosecond', 'nanoseconds']],
    ] as const
  ).flatMap(([nanos, units]) => units.map((unit): [string, bigint] => [unit, nanos])),
)

const CACHE_LIMIT = 256
const cache = new Map<string, number>()

/**
 * Milliseconds of a duration: a whole number >= 0 as it is, text by the units of module.yaml (contract 4.1), no unit
 * meaning milliseconds.
 *
 * @throws StatefunError `SF_SDK_DURATION_INVALID` when negative, fractional, not a whole number of milliseconds, beyond
 *   2^53 - 1 ms, or with a unit that does not exist
 * @example parseDuration('5 min') // 300000
 */
export function parseDuration(duration: number | string): number {
  if (typeof duration === 'string') {
    const known = cache.get(duration)
    if (known !== undefined) return known
    const parsed = parseText(duration)
    if (cache.size < CACHE_LIMIT) cache.set(duration, parsed)
    return parsed
  }
  if (!Number.isSafeInteger(duration) || duration < 0) {
    throw invalid(duration, 'it must be a whole number of milliseconds, zero or more')
  }
  return duration
}

function parseText(text: string): number {
  const match = /^\s*(\d+)\s*(\p{L}*)\s*$/u.exec(text)
  if (match === null) throw invalid(text, 'it must be a whole number and a unit')
  const nanos = UNIT_NANOS.get(match[2]!.toLowerCase())
  if (nanos === undefined) throw invalid(text, `the unit "${match[2]}" does not exist`)
  const total = BigInt(match[1]!) * nanos
  if (total % 1_000_000n !== 0n) throw invalid(text, 'it is not a whole number of milliseconds')
  const millis = Number(total / 1_000_000n)
  if (!Number.isSafeInteger(millis)) throw invalid(text, 'it is too long')
  return millis
}

function invalid(duration: number | string, reason: string): StatefunError {
  const shown = typeof duration === 'string' ? `"${duration}"` : String(duration)
  return new StatefunError('SF_SDK_DURATION_INVALID', `${shown} is not a duration: ${reason}`, {
    hint: "write milliseconds as a number, or text such as '250 ms', '30 s', '5 min', '1h', '7 days'",
  })
}
