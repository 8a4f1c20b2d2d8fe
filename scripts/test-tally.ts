import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** What a run of tests came to. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** What failed, a line each: `packages/kafka/src/a.test.ts › a batch › is cut: expected 1 to be 2`. */
  readonly failures: readonly string[]
}

/** The parts of Vitest's JSON report that count. */
interface JsonReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    /** Absolute path of the file. */
    readonly name: string
    readonly status: string
    /** Why the file as a whole failed. */
    readonly message: string
    readonly assertionResults: readonly {
      readonly status: string
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

/**
 * Counts a run from Vitest's JSON report and its exit code. What failed outside any test counts as one failure each: a
 * file that could not be loaded or whose hooks failed, and a run that ended badly for another reason (the global set-up, an
 * unhandled error, a type checker that did not run).
 *
 * @param run its name, for failures outside of files
 * @param report text of the report; undefined when none was written
 * @param exitCode of Vitest; null when a signal ended it
 */
export function tallyOf(run: string, report: string | undefined, exitCode: number | null): Tally {
  if (report === undefined) return withEnd(run, { passed: 0, skipped: 0, failures: [] }, exitCode)
  const json: JsonReport = JSON.parse(report)
  const failures = json.testResults.flatMap((file) => {
    const name = relative(process.cwd(), file.name)
    const failed = file.assertionResults.filter((test) => test.status === 'failed')
    if (failed.length === 0) return file.status === 'failed' ? [failure([name], file.message)] : []
    return failed.map(({ ancestorTitles, title, failureMessages: [first] }) =>
      failure([name, ...ancestorTitles, title], first),
    )
  })
  const skipped = json.numPendingTests + json.numTodoTests
  return withEnd(run, { passed: json.numPassedTests, skipped, failures }, exitCode)
}

/** The part of the gate's JSON report that counts. */
interface GateReport {
  readonly tests: readonly {
    readonly suite: string
    readonly name: string
    readonly deployment: string
    readonly verdict: string
    readonly errors: readonly ReportedError[]
  }[]
  readonly errors: readonly ReportedError[]
  readonly totals: { readonly passed: number; readonly failed: number; readonly skipped: number }
}

interface ReportedError {
  readonly code: string
  readonly message: string
}

/**
 * Counts a run of the gate from its JSON report and its exit code. What does not apply to an engine is not counted here: the
 * gate names each with its reason.
 *
 * @param run its name, for failures outside of tests
 * @param report text of the report; undefined when none was written, as when the run could not begin
 */
export function gateTallyOf(run: string, report: string | undefined, exitCode: number | null): Tally {
  if (report === undefined) return withEnd(run, { passed: 0, skipped: 0, failures: [] }, exitCode)
  const { tests, errors, totals } = JSON.parse(report) as GateReport
  const failures = [
    ...errors.map((error) => failure([run], messageOf(error))),
    ...tests
      .filter(({ verdict }) => verdict === 'failed')
      .map(({ deployment, suite, name, errors: [first] }) =>
        failure([deployment, suite, name], first === undefined ? undefined : messageOf(first)),
      ),
  ]
  const tally = withEnd(run, { passed: totals.passed, skipped: totals.skipped, failures }, exitCode)
  return { ...tally, failed: Math.max(tally.failed, totals.failed) }
}

function messageOf({ code, message }: ReportedError): string {
  return `${code} ${message}`
}

/** A run that ended badly though nothing in it failed is a failure itself. */
function withEnd(run: string, tally: Omit<Tally, 'failed'>, exitCode: number | null): Tally {
  const { failures } = tally
  const all =
    exitCode === 0 || failures.length > 0
      ? failures
      : [failure([run], exitCode === null ? 'ended by a signal' : `ended with exit code ${exitCode}`)]
  return { ...tally, failed: all.length, failures: all }
}

/** One line, without colours. */
function failure(path: readonly string[], message: string | undefined): string {
  const [line = ''] = stripVTControlCharacters(message ?? '')
    .trimStart()
    .split('\n')
  return `${path.join(' › ')}${line === '' ? '' : `: ${line}`}`
}

/** Adds up the runs of several projects. */
export function addTallies(tallies: readonly Tally[]): Tally {
  const sum = (count: (tally: Tally) => number) => tallies.reduce((total, tally) => total + count(tally), 0)
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ skipped }) => skipped),
    failures: tallies.flatMap(({ failures }) => failures),
  }
}

/** What failed, a line each, for the reader of a long log; then the closing line. */
export function closingLines(total: Tally): readonly string[] {
  return [...total.failures.map((line) => `failed: ${line}`), closingLine(total)]
}

/** The line that closes a run: `12 passed, 0 failed`. */
export function closingLine({ passed, failed, skipped }: Omit<Tally, 'failures'>): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`
}
