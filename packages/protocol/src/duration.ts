import { StatefunError } from './statefun-error.ts'

const NANOS_PER_MS = 1_000_000

const NANOS: ReadonlyMap<string, number> = new Map(
  (
    [
      [['d', 'day', 'days'], 86_400_000 * NANOS_PER_MS],
      [['h', 'hour', 'hours'], 3_600_000 * NANOS_PER_MS],
      [['m', 'min', 'minute', 'minutes'], 60_000 * NANOS_PER_MS],
      [['s', 'sec', 'secs', 'second', 'seconds'], 1_000 * NANOS_PER_MS],
      [['', 'ms', 'milli', 'millis', 'millisecond', 'milliseconds'], NANOS_PER_MS],
      [['µs', 'μs', 'micro', 'micros', 'microsecond', 'microseconds'], 1_000],
      [['ns', 'nano', 'nanos', 'nanosecond', 'nanoseconds'], 1],
    ] as const
  ).flatMap(([units, nanos]) => units.map((unit) => [unit, nanos] as const)),
)

const HINT =
  'write a whole number and a unit (d, h, min, s, ms, µs, ns), for example 30s; without a unit it is ms'

/**
 * Milliseconds of a duration as module.yaml writes it (contract 4.1): `30s`, `2 min`, `1day`, `1500` (ms).
 *
 * What is not a whole number of milliseconds is rounded up, so that only a written 0 becomes 0 and no timeout ends
 * earlier than asked for. Units may be written in any letter case, as Flink reads them.
 *
 * @throws StatefunError `SF_DURATION_INVALID` for anything else, negative values, and values beyond 2^53 - 1 ms
 */
export function parseDuration(value: string | number): number {
  const match = /^\s*(\d+)\s*(\p{L}*)\s*$/u.exec(typeof value === 'number' ? numberText(value) : value)
  const nanos = NANOS.get(match?.[2]?.toLowerCase() ?? '?')
  if (match === null || nanos === undefined) {
    throw new StatefunError('SF_DURATION_INVALID', `"${value}" is not a duration`, { hint: HINT })
  }
  // Dividing by the ratio keeps whole results exact where multiplying by 0.001 would not.
  const amount = Number(match[1])
  const ms =
    nanos >= NANOS_PER_MS ? amount * (nanos / NANOS_PER_MS) : Math.ceil(amount / (NANOS_PER_MS / nanos))
  if (!Number.isSafeInteger(ms)) {
    throw new StatefunError('SF_DURATION_INVALID', `the duration "${value}" is too long`, { hint: HINT })
  }
  return ms
}

function numberText(value: number): string {
  return Number.isFinite(value) && value >= 0 ? BigInt(Math.ceil(value)).toString() : String(value)
}
