import type { TextStream } from '../io.ts'
import { style } from './style.ts'

/** Writes rows as columns, numbers to the right; the first row is the heading. */
export function writeTable(
  stream: TextStream,
  heading: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void {
  const widths = heading.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => String(row[column] ?? '').length)),
  )
  const isNumber = heading.map((_, column) => rows.some((row) => typeof row[column] === 'number'))
  const line = (cells: readonly (string | number)[]) =>
    cells
      .map((cell, column) =>
        isNumber[column] ? String(cell).padStart(widths[column]!) : String(cell).padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd()
  stream.write(`${style(stream, 'dim', line(heading))}\n`)
  for (const row of rows) stream.write(`${line(row)}\n`)
}

/** A moment as text; `-` when there is none. */
export function moment(milliseconds: number | undefined): string {
  return milliseconds === undefined ? '-' : new Date(milliseconds).toISOString()
}
