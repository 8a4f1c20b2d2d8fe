import { basename } from 'node:path'
import type { EventOf } from '../run/run-events.ts'
import { errorFromFailure } from './parse-error.ts'
import type { RunEvidence } from './run-evidence.ts'
import type { PartLines, ReportedTest } from './run-report.ts'
import type { Told } from './told.ts'

/** What each part said this long before a failed test began belongs to the failure, too. */
const BEFORE_MS = 500
/** Logs are written a little after what they tell of. */
const AFTER_MS = 700

/** What a test is drawn from besides its event. */
export interface TestSurroundings {
  readonly topology: string
  /** Milliseconds since the epoch as seconds of the run. */
  readonly since: (at: number) => number
  readonly evidence: RunEvidence
  /** What the run itself told, in order. */
  readonly told: readonly Told[]
}

/** A test that has ended; one that failed comes with what every part said meanwhile. */
export function reportedTest(
  { at, test, verdict, seconds, reason, failures }: EventOf<'test-end'>,
  { topology, since, evidence, told }: TestSurroundings,
): ReportedTest {
  const path = test.test.split(' > ')
  const name = path.pop() ?? test.test
  const from = at - seconds * 1000
  const failed = verdict === 'failed'
  return {
    suite: [basename(test.file).replace(/(\.e2e)?\.[cm]?[jt]s$/, ''), ...path].join(' › '),
    name,
    file: test.file,
    tags: test.tags,
    deployment: test.deployment,
    topology,
    engine: test.engine,
    verdict,
    ...(reason === undefined ? {} : { reason }),
    begin: since(from),
    seconds,
    errors: failures.map((failure) => errorFromFailure(failure, test.file)),
    said: failed ? saidBetween(from - BEFORE_MS, at + AFTER_MS) : [],
    tails: failed ? evidence.tails(test.deployment, at) : [],
    evidence: [],
  }

  function saidBetween(begin: number, end: number): readonly PartLines[] {
    const ofRun = told.filter(
      (each) =>
        each.at >= begin && each.at <= end && (each.deployment ?? test.deployment) === test.deployment,
    )
    const parts = [
      ...(ofRun.length === 0 ? [] : [{ part: 'the run', lines: ofRun, omitted: 0 }]),
      ...evidence.said(test.deployment, begin, end),
    ]
    return parts.map((part) => ({
      ...part,
      lines: part.lines.map((line) => ({ at: since(line.at), text: line.text })),
    }))
  }
}
