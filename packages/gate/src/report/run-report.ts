import type { Measure, RunTally, Verdict } from '../run/run-events.ts'

/** Raised when a reader of older reports would misread a newer one. */
export const RUN_REPORT_VERSION = 1

/**
 * What a run of the gate came to, as `report.json` holds it and all other forms are drawn from.
 *
 * Moments are seconds after {@link RunReport.startedAt}, durations are seconds; paths of evidence are relative to the folder of
 * the report.
 */
export interface RunReport {
  readonly format: 'statefun-gate-report'
  readonly version: typeof RUN_REPORT_VERSION
  /** Name of the run, that of its folder: `2026-11-24T14-12-26-process`. */
  readonly id: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly seconds: number
  readonly verdict: RunVerdict
  readonly request: ReportedRequest
  readonly machine: ReportedMachine
  readonly phases: readonly ReportedPhase[]
  readonly deployments: readonly ReportedDeployment[]
  readonly tests: readonly ReportedTest[]
  /** What went wrong outside of tests: a topology that did not start, a fixture that threw. */
  readonly errors: readonly ReportedError[]
  /** What parts that belong to no deployment, such as those that did not start, said before and at these errors. */
  readonly said: readonly PartLines[]
  /** What was measured besides the tests, and the goals it has. */
  readonly measures: readonly ReportedMeasure[]
  /** What a reader should know besides: evidence that could not be had, parts that were killed. */
  readonly notes: readonly ReportedNote[]
  /** `failed` has errors outside of tests and deployments that did not start, too. */
  readonly totals: RunTally
  /** Everything that was kept beside the report. */
  readonly evidence: readonly EvidenceLink[]
}

/** `interrupted`: ended by Ctrl-C before every test had run. */
export type RunVerdict = 'passed' | 'failed' | 'interrupted'

/** What was asked for. */
export interface ReportedRequest {
  /** As it was typed: `npm run e2e -- --tags kafka`. */
  readonly command: string
  /** Name of the app under test. */
  readonly app: string
  readonly topology: string
  readonly engines: readonly string[]
  /** Which tests were chosen, for people: `kafka and not chaos`. */
  readonly selection?: string | undefined
}

/** Where it ran. */
export interface ReportedMachine {
  /** `linux x64` */
  readonly platform: string
  readonly cores: number
  readonly memoryBytes: number
  /** What took part, with releases: `Node 24.19.0`, `Kafka 3.9.1`. */
  readonly versions: readonly string[]
}

/** A step of the run; steps that do not depend on each other overlap. */
export interface ReportedPhase {
  readonly name: string
  /** Phases of one lane never overlap: 0 is the first row of the strip. */
  readonly lane: number
  readonly begin: number
  readonly seconds: number
  readonly status: 'done' | 'failed' | 'interrupted'
  readonly error?: ReportedError | undefined
}

/** The app on one engine. */
export interface ReportedDeployment {
  /** `process on flink` */
  readonly name: string
  /** With its release: `Flink 1.16.2 (Apache StateFun 3.3.0)`. */
  readonly engine: string
  readonly parts: readonly ReportedPart[]
}

/** A broker, an engine's worker, a function server … */
export interface ReportedPart {
  readonly name: string
  /** One line: version, address, process id. */
  readonly about: string
  /** Path of what was kept of its log. */
  readonly log?: string | undefined
}

/** One test on one deployment. */
export interface ReportedTest {
  /** Name of the suite: the file without its ending, then the names of the blocks around the test. */
  readonly suite: string
  readonly name: string
  /** Path of its file, relative to the app's folder. */
  readonly file: string
  readonly tags: readonly string[]
  readonly deployment: string
  readonly topology: string
  readonly engine: string
  readonly verdict: Verdict
  /** Why it is not applicable or was skipped. */
  readonly reason?: string | undefined
  readonly begin: number
  readonly seconds: number
  readonly errors: readonly ReportedError[]
  /** What each part said while the test ran and failed; only on failures. */
  readonly said: readonly PartLines[]
  /** The last records of each topic and stream; only on failures. */
  readonly tails: readonly TopicTail[]
  readonly evidence: readonly EvidenceLink[]
}

/** An error as a person reads it: code, place, message, hint, and what was expected. */
export interface ReportedError {
  /** `SF_…` where the error has one, else the name of its class: `AssertionError`. */
  readonly code: string
  readonly message: string
  readonly where?: string | undefined
  readonly hint?: string | undefined
  /** Unified difference of expected and received values, without colours. */
  readonly diff?: string | undefined
  readonly stack?: string | undefined
}

/** What one part logged in a span of time. */
export interface PartLines {
  readonly part: string
  readonly lines: readonly SaidLine[]
  /** Lines of the span that are left out in the middle. */
  readonly omitted: number
  /** Path of the whole log, as far as it was kept. */
  readonly log?: string | undefined
}

/** A line and when it was seen to be there. */
export interface SaidLine {
  readonly at: number
  readonly text: string
}

/** The last records of a topic or stream. */
export interface TopicTail {
  /** `topic counter.results` or `stream counter.results`. */
  readonly name: string
  readonly records: readonly TailRecord[]
  /** How many records it has in all, as far as known. */
  readonly total?: number | undefined
  readonly file?: string | undefined
}

/** A record as text; bytes that are no UTF-8 are in hexadecimal. */
export interface TailRecord {
  /** `0@12`: partition and offset, or shard and sequence number. */
  readonly position: string
  readonly key: string
  readonly value: string
  readonly headers?: string | undefined
}

/** A file of the evidence. */
export interface EvidenceLink {
  readonly title: string
  /** Relative to the folder of the report, with `/`. */
  readonly path: string
  readonly bytes?: number | undefined
}

/** A number of the run. */
export interface ReportedMeasure extends Measure {
  /** What was measured: `function image`. */
  readonly what: string
}

/** Something that was said beside the tests, such as what could not be collected. */
export interface ReportedNote {
  /** Seconds since the run began. */
  readonly at: number
  readonly text: string
}

/** What did not run, in words: `3 not applicable, 1 skipped`; undefined when everything ran. */
export function asideLine({ notApplicable, skipped }: RunTally): string | undefined {
  const words = [
    ...(notApplicable > 0 ? [`${notApplicable} not applicable`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ]
  return words.length === 0 ? undefined : words.join(', ')
}
