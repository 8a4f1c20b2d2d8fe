import type { SourceLocation } from '@statefun/engine'

/** A file that people write. */
export interface SourceFile {
  readonly file: string
  readonly text: string
}

/** Where a field or a quoted key stands in a configuration file for the first time; its beginning when it is not found. */
export function locateKey({ file, text }: SourceFile, key: string): SourceLocation {
  const name = key.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const match = new RegExp(`(?<![\\w.'"-])['"]?${name}['"]?\\s*:`).exec(text)
  if (match === null) return { file, line: 1, column: 1 }
  const before = text.slice(0, match.index)
  return {
    file,
    line: before.split('\n').length,
    column: match.index - before.lastIndexOf('\n'),
  }
}

/**
 * A line with a caret under its column:
 *
 *     12 |   memory: '100m',
 *        |   ^
 */
export function excerptOf({ text }: SourceFile, { line, column }: SourceLocation): string {
  const shown = (text.split('\n')[line - 1] ?? '').trimEnd()
  const number = String(line).padStart(4)
  const indent = shown.slice(0, column - 1).replaceAll(/[^\t]/g, ' ')
  return `${number} | ${shown}\n${' '.repeat(number.length)} | ${indent}^`
}
