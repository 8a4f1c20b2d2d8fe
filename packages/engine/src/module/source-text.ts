import { LineCounter } from 'yaml'
import type { SourceLocation } from './model.ts'

/** Columns of a line that an excerpt shows at most: a minified file must not flood the terminal. */
const WIDTH = 110

/** The text of a module.yaml, able to say where an offset lies and what stands there. */
export class SourceText {
  readonly text: string
  readonly file: string
  /** To be handed to the YAML parser, which fills it. */
  readonly lines = new LineCounter()

  constructor(text: string, file: string) {
    this.text = text
    this.file = file
  }

  /** Line and column of an offset in UTF-16 units. */
  location(offset: number): SourceLocation {
    const { line, col } = this.lines.linePos(Math.max(0, offset))
    return line === 0
      ? { file: this.file, line: 1, column: offset + 1 }
      : { file: this.file, line, column: col }
  }

  /**
   * The line of a place with a caret below its column:
   *
   *     12 |   call: 30 parsecs
   *        |         ^
   */
  excerpt(location: SourceLocation): string {
    const start = location.line === 1 ? 0 : (this.lines.lineStarts[location.line - 1] ?? 0)
    const end = this.text.indexOf('\n', start)
    const line = this.text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '')
    const from = location.column <= WIDTH ? 0 : location.column - 1 - Math.floor(WIDTH / 2)
    const shown = `${from > 0 ? '…' : ''}${line.slice(from, from + WIDTH)}${line.length > from + WIDTH ? '…' : ''}`
    const column = location.column - 1 - from + (from > 0 ? 1 : 0)
    // Tabs stay tabs, so that the caret stands under its column whatever the terminal makes of them.
    const indent = shown.slice(0, column).replaceAll(/[^\t]/g, ' ').padEnd(column)
    const number = `${location.line}`.padStart(4)
    return `${number} | ${shown}\n${' '.repeat(number.length)} | ${indent}^`
  }
}
