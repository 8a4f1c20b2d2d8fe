import { availableParallelism, totalmem } from 'node:os'
import { basename } from 'node:path'
import type { RunEvent } from '../run/run-events.ts'
import { tallyOf } from '../run/tally.ts'
import { assignLanes } from './lanes.ts'
import { errorFromFailure, errorFromText } from './parse-error.ts'
import {
  type EvidenceLink,
  type PartLines,
  type ReportedDeployment,
  type ReportedError,
  type ReportedMachine,
  type ReportedNote,
  type ReportedPhase,
  type ReportedTest,
  RUN_REPORT_VERSION,
  type RunReport,
  type TopicTail,
} from './run-report.ts'

/** What was kept besides the events; moments are milliseconds since the epoch here. */
export interface RunEvidence {
  /** What each part of a deployment said between two moments; `at` of its lines is a moment like these. */
  said(deployment: string, from: number, to: number): readonly PartLines[]
  /** The last records of the deployment's topics and streams, as a test saw them that ended at that moment. */
  tails(deployment: string, at: number): readonly TopicTail[]
  /** Path of what was kept of a part's log, relative to the run's folder. */
  logOf(deployment: string, part: string): string | undefined
  readonly links: readonly EvidenceLink[]
  /** Evidence that could not be had, and why. */
  readonly gaps: readonly { readonly at: number; readonly text: string }[]
}

/** Evidence of a run that left none. */
export const NO_EVIDENCE: RunEvidence = {
  said: () => [],
  tails: () => [],
  logOf: () => undefined,
  links: [],
  gaps: [],
}

/** What each part said this long before a failed test began belongs to the failure, too. */
const BEFORE_MS = 500
/** Logs are written a little after what they tell of. */
const AFTER_MS = 700

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>

/**
 * Draws the report of a run from what happened in it.
 *
 * @param events all of them, in order; a run that was cut short has no `run-end`
 * @param command as it was typed
 */
export function buildReport(
  events: readonly RunEvent[],
  command: string,
  evidence: RunEvidence = NO_EVIDENCE,
): RunReport {
  const all = <Type extends RunEvent['type']>(type: Type) =>
    events.filter((event): event is EventOf<Type> => event.type === type)
  const [begin] = all('run-begin')
  const [end] = all('run-end')
  const startedAt = begin?.at ?? events[0]?.at ?? Date.now()
  const endedAt = end?.at ?? events.at(-1)?.at ?? startedAt
  const since = (at: number) => Math.max(0, (at - startedAt) / 1000)
  const topology = begin?.topology ?? 'unknown'

  const tests = all('test-end').map((event) => reportedTest(event, topology, since, evidence))
  const errors = [
    ...all('error').map(({ failure, file, deployment }): ReportedError => {
      const error = errorFromFailure(failure, file)
      const where = error.where ?? file ?? deployment
      return where === undefined ? error : { ...error, where }
    }),
    ...all('deployment-failed').map(
      ({ engine, error }): ReportedError => ({ ...errorFromText(error), where: `deployment on ${engine}` }),
    ),
  ]
  const totals = end?.tally ?? tallyOf(events)
  return {
    format: 'statefun-gate-report',
    version: RUN_REPORT_VERSION,
    id: begin === undefined ? 'run' : basename(begin.folder),
    startedAt: new Date(startedAt).toISOString(),
    seconds: since(endedAt),
    verdict: totals.failed > 0 ? 'failed' : end?.interrupted !== false ? 'interrupted' : 'passed',
    request: {
      command,
      app: begin?.app ?? 'unknown',
      topology,
      engines: begin?.engines ?? [],
      ...(begin?.selection === undefined ? {} : { selection: begin.selection }),
    },
    machine: machine(all('deployment-ready')),
    phases: reportedPhases(all('phase-begin'), all('phase-end'), endedAt, since),
    deployments: all('deployment-ready').map((event) => reportedDeployment(event, evidence)),
    tests,
    errors,
    notes: reportedNotes(events, evidence, since),
    totals,
    evidence: evidence.links,
  }
}

function reportedTest(
  { at, test, verdict, seconds, reason, failures }: EventOf<'test-end'>,
  topology: string,
  since: (at: number) => number,
  evidence: RunEvidence,
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
    return evidence.said(test.deployment, begin, end).map((part) => ({
      ...part,
      lines: part.lines.map((line) => ({ ...line, at: since(line.at) })),
    }))
  }
}

function reportedPhases(
  begins: readonly EventOf<'phase-begin'>[],
  ends: readonly EventOf<'phase-end'>[],
  endedAt: number,
  since: (at: number) => number,
): readonly ReportedPhase[] {
  const phases = begins.map(({ at, phase }): Omit<ReportedPhase, 'lane'> => {
    const end = ends.find((each) => each.phase === phase)
    return {
      name: phase,
      begin: since(at),
      seconds: end?.seconds ?? Math.max(0, (endedAt - at) / 1000),
      status: end === undefined ? 'interrupted' : end.error === undefined ? 'done' : 'failed',
      ...(end?.error === undefined ? {} : { error: errorFromText(end.error) }),
    }
  })
  const lanes = assignLanes(phases)
  return phases.map((phase, index) => ({ ...phase, lane: lanes[index] ?? 0 }))
}

function reportedDeployment(
  { deployment, engineTitle, parts }: EventOf<'deployment-ready'>,
  evidence: RunEvidence,
): ReportedDeployment {
  return {
    name: deployment,
    engine: engineTitle,
    parts: parts.map(({ name, title, reach }) => {
      const log = evidence.logOf(deployment, name)
      return {
        name,
        about: reach === undefined ? title : `${title} at ${reach}`,
        ...(log === undefined ? {} : { log }),
      }
    }),
  }
}

function machine(deployments: readonly EventOf<'deployment-ready'>[]): ReportedMachine {
  const titles = deployments.flatMap(({ engineTitle, parts }) => [
    engineTitle,
    ...parts.map(({ title }) => title),
  ])
  return {
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    versions: [...new Set([`Node ${process.versions.node}`, ...titles.filter((title) => /\d/.test(title))])],
  }
}

function reportedNotes(
  events: readonly RunEvent[],
  evidence: RunEvidence,
  since: (at: number) => number,
): readonly ReportedNote[] {
  const told = events.flatMap((event) => {
    if (event.type === 'note') {
      const where = event.deployment === undefined ? '' : `${event.deployment}: `
      return [{ at: event.at, text: `${where}${event.text}` }]
    }
    return event.type === 'fault'
      ? [{ at: event.at, text: `${event.deployment}: ${event.part} was ${event.change} by a test` }]
      : []
  })
  return [...told, ...evidence.gaps]
    .sort((a, b) => a.at - b.at)
    .map(({ at, text }) => ({ at: since(at), text }))
}
