import { type Outcome, passed } from '../run-fault.ts'

const TITLES = [
  'fault',
  'injected',
  'records',
  'lost',
  'duplicated',
  'out of order',
  'wrong',
  'recovery median',
  'max',
]

/** The table of all runs. `wrong` counts totals, states and results that are not what they have to be. */
export function summaryTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => {
    const { fault, injected, records, verdict, states, recoverySeconds } = outcome
    const wrong = verdict.miscounted + verdict.strange + states.length
    const numbers = [injected, records, verdict.lost, verdict.duplicated, verdict.disordered, wrong]
    return [
      fault,
      ...numbers.map((number) => number.toLocaleString('en-US')),
      seconds(median(recoverySeconds)),
      seconds(Math.max(...recoverySeconds)),
    ]
  })
  const widths = TITLES.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)))
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')
  return [line(TITLES), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

/** `7 passed, 0 failed` */
export function closingLine(outcomes: readonly Outcome[]): string {
  const good = outcomes.filter(passed).length
  return `${good} passed, ${outcomes.length - good} failed`
}

/** What programs read: one object per fault. */
export function summaryJson(seed: number, outcomes: readonly Outcome[]): string {
  const faults = outcomes.map((outcome) => {
    const { error, verdict, recoverySeconds, ...rest } = outcome
    const { examples, ...counts } = verdict
    return {
      ...rest,
      ...counts,
      passed: passed(outcome),
      recoverySeconds: { median: median(recoverySeconds), max: maximum(recoverySeconds) },
      ...(examples.length === 0 ? {} : { examples }),
      ...(error === undefined ? {} : { error }),
    }
  })
  return JSON.stringify({ seed, faults }, null, 2)
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : mean(sorted[middle - 1], sorted[middle])
}

function mean(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : (a + b) / 2
}

function maximum(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values)
}

function seconds(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '-' : `${value.toFixed(2)} s`
}
