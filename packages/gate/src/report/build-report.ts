import { availableParallelism, totalmem } from 'node:os'
import { basename } from 'node:path'
import type { EventOf, RunEvent } from '../run/run-events.ts'
import { tallyOf } from '../run/tally.ts'
import { errorFromFailure, errorFromText } from './parse-error.ts'
import { reportedPhases } from './reported-phases.ts'
import { reportedTest } from './reported-test.ts'
import { NO_EVIDENCE, type RunEvidence } from './run-evidence.ts'
import {
  type PartLines,
  type ReportedDeployment,
  type ReportedError,
  type ReportedMachine,
  RUN_REPORT_VERSION,
  type RunReport,
} from './run-report.ts'
import { toldInRun } from './told.ts'

/** A start may have gone wrong long before it was given up. */
const BEFORE_ERROR_MS = 30_000
const AFTER_ERROR_MS = 700

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

  const told = toldInRun(events)
  const tests = all('test-end')
    .map((event) => reportedTest(event, { topology, since, evidence, told }))
    .sort((a, b) => a.begin - b.begin)
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
    phases: reportedPhases(events, endedAt, since),
    deployments: all('deployment-ready').map((event) => reportedDeployment(event, evidence)),
    tests,
    errors,
    said: saidAtErrors(events, evidence, since),
    measures: all('measured').flatMap(({ what, measures }) =>
      measures.map((measure) => ({ what, ...measure })),
    ),
    notes: [...told, ...evidence.gaps]
      .sort((a, b) => a.at - b.at)
      .map(({ at, text }) => ({ at: since(at), text })),
    totals,
    evidence: evidence.links,
  }
}

function saidAtErrors(
  events: readonly RunEvent[],
  evidence: RunEvidence,
  since: (at: number) => number,
): readonly PartLines[] {
  const at = events.flatMap((event) =>
    event.type === 'error' || event.type === 'deployment-failed' ? [event.at] : [],
  )
  if (at.length === 0) return []
  const said = evidence.said('', Math.min(...at) - BEFORE_ERROR_MS, Math.max(...at) + AFTER_ERROR_MS)
  return said
    .filter(({ lines }) => lines.length > 0)
    .map((part) => ({ ...part, lines: part.lines.map((line) => ({ ...line, at: since(line.at) })) }))
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
