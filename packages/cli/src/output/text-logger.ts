import type { Logger } from '@statefun/engine'
import type { TextStream } from '../io.ts'
import { type Look, style } from './style.ts'

/** Levels in order of weight; a logger shows its own and those that weigh more. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const LOOKS: Readonly<Record<LogLevel, Look>> = { debug: 'dim', info: 'green', warn: 'yellow', error: 'red' }

/** A log for people: one line per report, longer texts such as errors indented below it. */
export function textLogger(stream: TextStream, least: LogLevel): Logger {
  const write = (level: LogLevel) => (fields: object, message: string) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return
    stream.write(`${style(stream, LOOKS[level], level.padEnd(5))} ${formatLog(fields, message)}\n`)
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

/** A log entry without its level. */
export function formatLog(fields: object, message: string): string {
  const short: string[] = []
  const long: string[] = []
  for (const [name, value] of Object.entries(fields)) {
    const text =
      typeof value === 'string' ? value : value instanceof Error ? value.message : JSON.stringify(value)
    if (text === undefined) continue
    if (text.includes('\n')) long.push(...text.split('\n').map((line) => `        ${line}`))
    else short.push(`${name}=${text}`)
  }
  return [[message, ...short].join('  '), ...long].join('\n')
}
