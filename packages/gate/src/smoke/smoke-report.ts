import { StatefunError } from '@statefun/protocol'
import type { SmokeParameters } from './parameters.ts'
import type { InstanceVerdict } from './verdict.ts'

/** What came of a smoke test. */
export interface SmokeReport {
  readonly seed: number
  /** Whether the numbers of records had to be exact, too. */
  readonly exactlyOnce: boolean
  readonly parameters: SmokeParameters
  /** True when every instance is `exact`. */
  readonly passed: boolean
  /** True when the time was up before the instances were done. */
  readonly timedOut: boolean
  readonly instances: readonly InstanceVerdict[]
  /** Messages between instances that the commands ask for. */
  readonly messages: number
  /** Delayed messages among the commands that are cancelled where they are sent, and so must not come. */
  readonly cancelled: number
  /** Names of the failures, in the order they were mended. */
  readonly injected: readonly string[]
  /** How often every instance was asked. */
  readonly rounds: number
  readonly milliseconds: number
}

const SHOWN = 10

/** The report in a line, and a line for each of the first instances that failed. */
export function formatSmokeReport(report: SmokeReport): string {
  const { seed, parameters, injected } = report
  const failures = injected.length === 0 ? 'no failures' : `failures: ${injected.join(', ')}`
  const line = [
    `seed ${seed}: ${parameters.numberOfFunctionInstances} instances`,
    `${parameters.messageCount} command trees`,
    `${report.messages} messages between instances`,
    `${report.cancelled} cancelled`,
    failures,
    `${(report.milliseconds / 1000).toFixed(1)} s`,
  ].join(', ')
  return [line, ...failedInstances(report)].join('\n')
}

/**
 * @throws StatefunError `SF_GATE_SMOKE_OVER_COUNTED`, `SF_GATE_SMOKE_UNFINISHED`, `SF_GATE_SMOKE_RECORDS` with the instances,
 * what they should have and what they have, and the seed
 */
export function checkSmoke(report: SmokeReport): void {
  if (report.passed) return
  const is = (wanted: InstanceVerdict['verdict']) =>
    report.instances.filter(({ verdict }) => verdict === wanted).length
  const options = {
    where: `seed ${report.seed}`,
    excerpt: failedInstances(report).join('\n'),
    hint: `SMOKE_SEED=${report.seed} sends the same commands again`,
  }
  if (is('over-counted') > 0) {
    throw new StatefunError(
      'SF_GATE_SMOKE_OVER_COUNTED',
      'work was done more often than it was asked for',
      options,
    )
  }
  if (is('unfinished') > 0) {
    const after = (report.milliseconds / 1000).toFixed(0)
    const message = `${is('unfinished')} of ${report.instances.length} instances are not done after ${after} s`
    throw new StatefunError('SF_GATE_SMOKE_UNFINISHED', message, options)
  }
  throw new StatefunError(
    'SF_GATE_SMOKE_RECORDS',
    'counts are right, numbers of emitted records are not',
    options,
  )
}

/**
 * The seed of a smoke test: `SMOKE_SEED` when it is set, else another one each time.
 *
 * @throws StatefunError `SF_GATE_SMOKE_SEED`
 */
export function smokeSeed(env: Readonly<Record<string, string | undefined>> = process.env): number {
  const { SMOKE_SEED: text = '' } = env
  if (text === '') return Math.floor(Math.random() * 2 ** 31)
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw new StatefunError('SF_GATE_SMOKE_SEED', `SMOKE_SEED is "${text}"`, {
    hint: 'set it to the number that a run printed',
  })
}

function failedInstances({ instances, exactlyOnce }: SmokeReport): string[] {
  const overCounted = instances.filter(({ verdict }) => verdict === 'over-counted')
  // The others are unfinished only because the test ended there.
  const failed = overCounted.length > 0 ? overCounted : instances.filter(({ verdict }) => verdict !== 'exact')
  const lines = failed.slice(0, SHOWN).map(({ id, verdict, expected, actual, records }) => {
    const counts = `expected ${expected}, actual ${actual ?? 'unknown'}`
    const least = exactlyOnce ? '' : ' at least'
    return `instance ${id} ${verdict}: ${counts}; records: expected${least} ${records.expected}, actual ${records.actual}`
  })
  return failed.length > SHOWN ? [...lines, `and ${failed.length - SHOWN} more`] : lines
}
