import {
  addTallies,
  closingLine,
  closingLines as closingLinesOf,
  gateTallyOf,
  type Tally,
} from './test-tally.ts'

/** What topology kind came to in a CI run. */
export type KindRun =
  | {
      /** Text of the gate's report, undefined when it wrote none. */
      readonly report: string | undefined
      /** Of the gate. */
      readonly exitCode: number
      /** What `npm test -- kind` printed on the same cluster. */
      readonly faultsLog: string
    }
  | {
      /** Why there was none. */
      readonly notRun: string
    }

interface GateReport {
  readonly deployments: readonly {
    readonly engine: string
    readonly parts: readonly { readonly about: string }[]
  }[]
  readonly totals: { readonly notApplicable?: number }
}

/**
 * The last lines of a CI run: what ran on what, then the sum of tests and gate.
 *
 * @param testLog what `npm test` printed
 */
export function closingLines(
  testLog: string,
  kind: KindRun,
): { readonly lines: readonly string[]; readonly failed: boolean } {
  const tests = lastTally(testLog, 'npm test')
  const ran = [...testLog.matchAll(/^e2e (--topology .*)$/gm)].map(
    ([, flags]) => `gate ${flags}: in the tests above`,
  )
  const gate = 'notRun' in kind ? undefined : gateTallyOf('e2e --topology kind', kind.report, kind.exitCode)
  const faults = 'notRun' in kind ? undefined : lastTally(kind.faultsLog, 'npm test -- kind')
  const total = addTallies([tests, gate, faults].filter((tally) => tally !== undefined))
  return {
    lines: [
      ...ran,
      'notRun' in kind ? `gate --topology kind: not run, ${kind.notRun}` : kindLine(kind.report, gate),
      ...(faults === undefined ? [] : [`faults in the function image: ${closingLine(faults)}`]),
      ...closingLinesOf(total),
    ],
    failed: total.failed > 0 || total.passed === 0,
  }
}

function kindLine(report: string | undefined, gate: Tally | undefined): string {
  const { deployments = [] } = report === undefined ? {} : (JSON.parse(report) as GateReport)
  const what = deployments.map(({ engine, parts }) => {
    const images = parts.map(({ about }) => /\(([^)]*\/[^)]*:[^)]*)\)/.exec(about)?.[1]).filter(Boolean)
    return [engine, ...images].join(', ')
  })
  const on = what.length === 0 ? 'it did not start' : what.join('; ')
  return `gate --topology kind: ${on}: ${gate === undefined ? '' : closingLine(gate)}`
}

/** The last `N passed, N failed`, with what failed in the lines before it; one failure when there is none. */
function lastTally(log: string, run: string): Tally {
  const last = [...log.matchAll(/((?:^failed: .*\n)*)^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)].at(
    -1,
  )
  if (last === undefined)
    return { passed: 0, failed: 1, skipped: 0, failures: [`${run}: it ended without its closing line`] }
  const [, named = '', ...counts] = last
  const [passed = 0, failed = 0, skipped = 0] = counts.map((count) => Number(count ?? 0))
  const failures = [...named.matchAll(/^failed: (.*)$/gm)].map(([, what = '']) => what)
  return { passed, failed, skipped, failures }
}
