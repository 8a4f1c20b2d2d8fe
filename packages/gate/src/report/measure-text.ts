import type { Measure } from '../run/run-events.ts'
import type { ReportedMeasure } from './run-report.ts'

/** Whether a number keeps to its goal; undefined where it has none. */
export function isMet({ value, limit }: Measure): boolean | undefined {
  return limit === undefined ? undefined : value < limit
}

/** A number as a person reads it: `pull 44.1 MB (goal: below 45 MB, met)`. */
export function measureText(measure: Measure): string {
  const { name, value, unit, limit } = measure
  const goal =
    limit === undefined ? '' : ` (goal: below ${limit} ${unit}, ${isMet(measure) ? 'met' : 'missed'})`
  return `${name} ${value.toFixed(unit === 's' ? 2 : 1)} ${unit}${goal}`
}

/** All numbers in lines, one for each thing that was measured. */
export function measureLines(measures: readonly ReportedMeasure[]): readonly string[] {
  return [...Map.groupBy(measures, ({ what }) => what)].map(
    ([what, ofIt]) => `${what}: ${ofIt.map(measureText).join(', ')}`,
  )
}
