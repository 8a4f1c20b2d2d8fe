import type { EventOf, RunEvent } from '../run/run-events.ts'
import { assignLanes } from './lanes.ts'
import { errorFromText } from './parse-error.ts'
import type { ReportedPhase } from './run-report.ts'

type PhaseWithoutLane = Omit<ReportedPhase, 'lane'>

/**
 * The phases of a run by their beginnings, the tests of each deployment as one of them.
 *
 * @param endedAt end of the run, for phases that did not end
 * @param since milliseconds since the epoch as seconds of the run
 */
export function reportedPhases(
  events: readonly RunEvent[],
  endedAt: number,
  since: (at: number) => number,
): readonly ReportedPhase[] {
  const begins = events.filter((event) => event.type === 'phase-begin')
  const ends = new Map(events.flatMap((event) => (event.type === 'phase-end' ? [[event.phase, event]] : [])))
  const phases = [
    ...begins.map(({ at, phase }) => phaseOf(phase, at, ends.get(phase))),
    ...testPhases(events, since),
  ].sort((a, b) => a.begin - b.begin)
  const lanes = assignLanes(phases)
  return phases.map((phase, index) => ({ ...phase, lane: lanes[index] ?? 0 }))

  function phaseOf(name: string, at: number, end: EventOf<'phase-end'> | undefined): PhaseWithoutLane {
    const begin = since(at)
    if (end === undefined) {
      return { name, begin, seconds: Math.max(0, (endedAt - at) / 1000), status: 'interrupted' }
    }
    return end.error === undefined
      ? { name, begin, seconds: end.seconds, status: 'done' }
      : { name, begin, seconds: end.seconds, status: 'failed', error: errorFromText(end.error) }
  }
}

/** From the beginning of a deployment's first test to the end of its last one. */
function testPhases(events: readonly RunEvent[], since: (at: number) => number): readonly PhaseWithoutLane[] {
  const ran = events.filter(
    (event) => event.type === 'test-end' && (event.verdict === 'passed' || event.verdict === 'failed'),
  )
  const tests = Map.groupBy(ran as readonly EventOf<'test-end'>[], ({ test }) => test.deployment)
  return [...tests].map(([deployment, ends]) => {
    const begin = Math.min(...ends.map(({ at, seconds }) => at - seconds * 1000))
    const end = Math.max(...ends.map(({ at }) => at))
    const failed = ends.some(({ verdict }) => verdict === 'failed')
    return {
      name: `tests of ${deployment}`,
      begin: since(begin),
      seconds: (end - begin) / 1000,
      status: failed ? 'failed' : 'done',
    }
  })
}
