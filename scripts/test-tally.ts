/** What a run of tests came to. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** The parts of Vitest's JSON report that count. */
interface JsonReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly { status: string }[]
  }[]
}

/**
 * Counts a run from Vitest's JSON report and its exit code. What failed outside any test counts as one failure each: a
 * file that could not be loaded or whose hooks failed, and a run that ended badly for another reason (the global set-up, an
 * unhandled error, a type checker that did not run).
 *
 * @param report text of the report; undefined when none was written
 * @param exitCode of Vitest; null when a signal ended it
 */
export function tallyOf(report: string | undefined, exitCode: number | null): Tally {
  const badEnd = exitCode === 0 ? 0 : 1
  if (report === undefined) return { passed: 0, failed: badEnd, skipped: 0 }
  const json: JsonReport = JSON.parse(report)
  const brokenFiles = json.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length
  const failed = json.numFailedTests + brokenFiles
  return {
    passed: json.numPassedTests,
    failed: Math.max(failed, badEnd),
    skipped: json.numPendingTests + json.numTodoTests,
  }
}

/** The part of the gate's JSON report that counts. */
interface GateReport {
  readonly totals: { readonly passed: number; readonly failed: number; readonly skipped: number }
}

/**
 * Counts a run of the gate from its JSON report and its exit code. What does not apply to an engine is not counted here: the
 * gate names each with its reason.
 *
 * @param report text of the report; undefined when none was written, as when the run could not begin
 */
export function gateTallyOf(report: string | undefined, exitCode: number | null): Tally {
  const badEnd = exitCode === 0 ? 0 : 1
  if (report === undefined) return { passed: 0, failed: badEnd, skipped: 0 }
  const { passed, failed, skipped } = (JSON.parse(report) as GateReport).totals
  return { passed, failed: Math.max(failed, badEnd), skipped }
}

/** Adds up the runs of several projects. */
export function addTallies(tallies: readonly Tally[]): Tally {
  const sum = { passed: 0, failed: 0, skipped: 0 }
  for (const tally of tallies) {
    sum.passed += tally.passed
    sum.failed += tally.failed
    sum.skipped += tally.skipped
  }
  return sum
}

/** The line that closes a run: `12 passed, 0 failed`. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`
}
