import { formatCell } from './format-table.ts'
import { round } from './numbers.ts'
import type { BenchResult } from './recording-report.ts'
import type { Row } from './report.ts'

/** A kept result in Markdown: the command, the machine, tables, goals and remarks, each paragraph followed by an empty line. */
export function renderResult({ bench, options, machine, tables, goals, remarks }: BenchResult): string {
  const commit = machine.commit === undefined ? '' : `, commit \`${machine.commit}\``
  const parts = [
    `\`npm run bench -- ${[bench, ...flags(options)].join(' ')}\`, ${machine.date.slice(0, 10)}: ${machine.cpu}, ` +
      `${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.os}, Node ${machine.node}${commit}, ` +
      `load ${machine.loadAtStart} at the start.`,
  ]
  for (const [title, rows] of Object.entries(tables)) parts.push(`**${title}**`, markdownTable(rows))
  if (goals.length > 0) {
    const rows = goals.map(({ name, actual, limit, want, unit, met }) => ({
      goal: name,
      measured: `${formatCell(round(actual))} ${unit}`,
      wanted: `${want === 'atLeast' ? 'at least' : 'below'} ${formatCell(limit)} ${unit}`,
      '': met ? 'met' : '**missed**',
    }))
    parts.push('**goals**', markdownTable(rows))
  }
  parts.push(...remarks)
  return parts.map((part) => `${part}\n`).join('\n')
}

/** Only what a flag has to say: an empty text or a zero is the bench's "everything". */
function flags(options: BenchResult['options']): readonly string[] {
  return Object.entries(options)
    .filter(([, value]) => value !== '' && value !== 0 && value !== true)
    .map(([name, value]) => (value === false ? `--no-${name}` : `--${name} ${value}`))
}

function markdownTable(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {})
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const cell = (value: string | number) =>
    typeof value === 'number' ? formatCell(round(value)) : value.replaceAll('|', '\\|')
  const isNumeric = (column: string) => rows.every((row) => typeof row[column] === 'number')
  return [
    line(columns),
    line(columns.map((column) => (isNumeric(column) ? '---:' : '---'))),
    ...rows.map((row) => line(columns.map((column) => cell(row[column] ?? '')))),
  ].join('\n')
}
