import { scalar } from './scalars.ts'

const PATTERN = 'yyyy-MM-dd HH:mm:ss.SSS Z'
const FORM = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{3}) ([+-])(\d\d)(\d\d)$/

/**
 * A date of a startup position in ms since 1970 (contract 4.3): exactly `yyyy-MM-dd HH:mm:ss.SSS Z`, three digits of a
 * second and a numeric offset.
 *
 * @example `2020-02-01 04:15:00.000 +0000`
 */
export const date = scalar('a date', (value) => {
  const epochMs = parse(value)
  if (epochMs !== undefined) return { value: epochMs }
  return {
    expected: `a date of the pattern ${PATTERN}`,
    hint: 'write for example 2020-02-01 04:15:00.000 +0000: three fraction digits and a numeric offset are needed',
  }
})

function parse(value: string): number | undefined {
  const match = FORM.exec(value)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second, ms] = match.slice(1, 8).map(Number) as number[]
  const utc = new Date(0)
  utc.setUTCFullYear(year!, month! - 1, day!)
  utc.setUTCHours(hour!, minute!, second!, ms!)
  // A Date carries over what does not exist (30 February, 25 o'clock) instead of refusing it.
  if (!utc.toISOString().startsWith(`${value.slice(0, 10)}T${value.slice(11, 23)}`)) return undefined
  const offset = Number(match[9]) * 60 + Number(match[10])
  if (Number(match[10]) > 59 || offset > 18 * 60) return undefined
  return utc.getTime() - (match[8] === '-' ? -offset : offset) * 60_000
}
