import { closingLine } from '../../run/tally.ts'
import { measureLines } from '../measure-text.ts'
import { phaseStrip } from '../phase-strip.ts'
import { count, oneLine } from '../readable.ts'
import { asideLine, type PartLines, type ReportedTest, type RunReport } from '../run-report.ts'
import { style, type TextStream } from './text-stream.ts'

const MOST_STRIP = 60
const LEAST_STRIP = 10

/**
 * The end of a run: its phases with their seconds, every failure with where to look, what does not apply, and
 * `N passed, N failed` as the last line.
 *
 * @param page path of the HTML report as the reader can open it; left out when none was written
 */
export function closingText(stream: TextStream, report: RunReport, page?: string): string {
  const { totals, verdict } = report
  const aside = asideLine(totals)
  const last = closingLine(totals)
  return [
    '',
    ...phaseTable(stream, report),
    ...measureLines(report.measures).map((line) => oneLine(line)),
    ...failureLines(stream, report),
    ...(page === undefined ? [] : [`report: ${page}`]),
    ...(verdict === 'interrupted' ? [style(stream, 'yellow', 'interrupted before every test had run')] : []),
    ...(aside === undefined ? [] : [style(stream, 'dim', aside)]),
    style(stream, ['bold', verdict === 'passed' ? 'green' : verdict === 'failed' ? 'red' : 'yellow'], last),
    '',
  ].join('\n')
}

function phaseTable(stream: TextStream, { phases, seconds: total }: RunReport): readonly string[] {
  if (phases.length === 0) return []
  const names = Math.max(...phases.map(({ name }) => name.length), 'phase'.length)
  const columns = stream.isTTY === true ? (stream.columns || 80) - 1 : 80
  const room = Math.min(columns - names - '  seconds  '.length, MOST_STRIP)
  return [
    style(stream, 'dim', `${'phase'.padEnd(names)}  seconds`),
    ...phases.map((phase) => {
      const look = phase.status === 'done' ? 'cyan' : 'red'
      const strip = room < LEAST_STRIP ? '' : style(stream, look, phaseStrip(phase, total, room).trimEnd())
      const status = phase.status === 'done' ? '' : ` ${phase.status}`
      return `${phase.name.padEnd(names)}  ${phase.seconds.toFixed(1).padStart(7)}  ${strip}${status}`.trimEnd()
    }),
    '',
  ]
}

function failureLines(stream: TextStream, { tests, errors, said }: RunReport): readonly string[] {
  const failed = tests.filter(({ verdict }) => verdict === 'failed')
  if (failed.length + errors.length === 0) return []
  return [
    ...errors.flatMap((error) => [
      `${style(stream, 'red', '✗')} ${oneLine(error.where ?? 'outside of the tests')}`,
      `  ${error.code} ${oneLine(error.message)}`,
    ]),
    ...logLines(said).map((line) => style(stream, 'dim', `  ${line}`)),
    ...failed.flatMap((test) => [
      `${style(stream, 'red', '✗')} ${oneLine(`${test.suite} › ${test.name}`)}  ${style(stream, 'dim', test.deployment)}`,
      ...test.errors.slice(0, 1).map((error) => `  ${error.code} ${oneLine(error.message)}`),
      ...whereToLook(test).map((line) => style(stream, 'dim', `  ${line}`)),
    ]),
    '',
  ]
}

function whereToLook({ file, errors, said }: ReportedTest): readonly string[] {
  const place = errors.find(({ where }) => where !== undefined)?.where ?? file
  return [oneLine(`test: ${place}`), ...logLines(said)]
}

function logLines(said: readonly PartLines[]): readonly string[] {
  return said.flatMap(({ part, lines, omitted, log }) => {
    const number = lines.length + omitted
    return number === 0 || log === undefined ? [] : [oneLine(`${part} said ${count(number, 'line')}: ${log}`)]
  })
}
