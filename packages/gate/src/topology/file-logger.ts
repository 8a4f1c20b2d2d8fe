import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Logger } from '@statefun/engine'

/**
 * A logger that appends to a file, one line per report: `2026-01-31T12:00:00.000Z warn  message  key=value`, what has more
 * lines indented below. A line is in the file when the call returns.
 */
export function fileLogger(path: string): Logger {
  mkdirSync(dirname(path), { recursive: true })
  const write = (level: string) => (fields: object, message: string) => {
    appendFileSync(path, `${new Date().toISOString()} ${level.padEnd(5)} ${formatFields(fields, message)}\n`)
  }
  return { debug: () => undefined, info: write('info'), warn: write('warn'), error: write('error') }
}

function formatFields(fields: object, message: string): string {
  const short = [message]
  const long: string[] = []
  for (const [name, value] of Object.entries(fields)) {
    const text =
      typeof value === 'string' ? value : value instanceof Error ? value.message : JSON.stringify(value)
    if (text === undefined) continue
    if (text.includes('\n')) long.push(...text.split('\n').map((line) => `    ${line}`))
    else short.push(`${name}=${text}`)
  }
  return [short.join('  '), ...long].join('\n')
}
