import type { RunEvent, RunTally } from './run-events.ts'

/** Counts what a run came to. */
export function tallyOf(events: readonly RunEvent[]): RunTally {
  let passed = 0
  let failed = 0
  let notApplicable = 0
  let skipped = 0
  for (const event of events) {
    if (event.type === 'error' || event.type === 'deployment-failed') failed++
    if (event.type !== 'test-end') continue
    if (event.verdict === 'passed') passed++
    if (event.verdict === 'failed') failed++
    if (event.verdict === 'not-applicable') notApplicable++
    if (event.verdict === 'skipped') skipped++
  }
  return { passed, failed, notApplicable, skipped }
}

/** The last line of a run: `12 passed, 1 failed`. */
export function closingLine({ passed, failed }: RunTally): string {
  return `${passed} passed, ${failed} failed`
}
