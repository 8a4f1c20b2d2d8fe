import { closingLine } from '../run/tally.ts'
import { measureLines } from './measure-text.ts'
import { phaseStrip } from './phase-strip.ts'
import { duration, oneLine } from './readable.ts'
import { asideLine, type ReportedTest, type RunReport } from './run-report.ts'

const MARKS = { passed: '✅', failed: '❌', 'not-applicable': '➖', skipped: '⚪' } as const
const STRIP_WIDTH = 40
/** GitHub shows no summary of more than 1 MiB; many failures are cut off before. */
const MOST_FAILURES = 50

/** A run as Markdown for `$GITHUB_STEP_SUMMARY` and comments: verdict, failures, matrix of tests, phases. */
export function markdownReport(report: RunReport): string {
  const { verdict, request, totals, seconds } = report
  const mark = verdict === 'passed' ? '✅' : verdict === 'failed' ? '❌' : '⚠️'
  const aside = asideLine(totals)
  return [
    `## ${mark} Gate of ${asText(request.app)}: ${closingLine(totals)}`,
    '',
    `Topology **${asText(request.topology)}**, ${request.engines.map(asText).join(' and ')}${
      request.selection === undefined ? '' : `, tests ${code(request.selection)}`
    }, ${duration(seconds)}${aside === undefined ? '' : ` (${aside})`}${verdict === 'interrupted' ? ', **interrupted**' : ''}`,
    '',
    ...failures(report),
    ...matrix(report.tests),
    ...measureLines(report.measures).flatMap((line) => [asText(line), '']),
    ...phases(report),
  ].join('\n')
}

function failures({ errors, tests }: RunReport): readonly string[] {
  const failed = tests.filter(({ verdict }) => verdict === 'failed')
  const lines = [
    ...errors.map(
      (error) => `- **outside of the tests**: ${code(error.code)} ${asText(oneLine(error.message))}`,
    ),
    ...failed.map(({ suite, name, deployment, errors: [first] }) => {
      const what =
        first === undefined
          ? 'no error was reported'
          : `${code(first.code)} ${asText(oneLine(first.message))}`
      return `- **${asText(`${suite} › ${name}`)}** on ${asText(deployment)}: ${what}`
    }),
  ]
  if (lines.length === 0) return []
  const more = lines.length - MOST_FAILURES
  return [
    '### What failed',
    '',
    ...lines.slice(0, MOST_FAILURES),
    ...(more > 0 ? [`- and ${more} more`] : []),
    '',
  ]
}

function matrix(tests: readonly ReportedTest[]): readonly string[] {
  if (tests.length === 0) return []
  const deployments = [...new Set(tests.map(({ deployment }) => deployment))]
  const rows = [...Map.groupBy(tests, ({ suite, name }) => `${suite} › ${name}`)].map(([title, ofTest]) => {
    const cells = deployments.map((deployment) =>
      ofTest
        .filter((test) => test.deployment === deployment)
        .map(cell)
        .join('<br>'),
    )
    return `| ${[asText(title), ...cells].join(' | ')} |`
  })
  return [
    `| test | ${deployments.map(asText).join(' | ')} |`,
    `| --- |${' --- |'.repeat(deployments.length)}`,
    ...rows,
    '',
  ]
}

function cell({ verdict, seconds, reason }: ReportedTest): string {
  const ran = verdict === 'passed' || verdict === 'failed'
  return `${MARKS[verdict]} ${ran ? duration(seconds) : asText(reason ?? verdict)}`
}

function phases({ phases: all, seconds: total }: RunReport): readonly string[] {
  if (all.length === 0) return []
  const width = Math.max(...all.map(({ name }) => name.length))
  return [
    '<details><summary>Phases</summary>',
    '',
    // Indented and not fenced: no name can end it.
    ...all.map((phase) => {
      const status = phase.status === 'done' ? '' : `  ${phase.status}`
      return `    ${oneLine(phase.name).padEnd(width)} ${phase.seconds.toFixed(1).padStart(7)} s  ${phaseStrip(phase, total, STRIP_WIDTH)}${status}`.trimEnd()
    }),
    '',
    '</details>',
    '',
  ]
}

/** Text as it is: nothing of it is taken for Markdown, a cell's end or HTML. */
function asText(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]#|~!@]/g, (char) => `&#${char.codePointAt(0)};`)
}

function code(text: string): string {
  return `<code>${asText(text)}</code>`
}
