import type { Logger } from '@statefun/engine'
import type { TextStream } from '../io.ts'
import { type Look, style } from './style.ts'

/** Levels in order of weight; a logger shows its own and those that weigh more. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const LOOKS: Readonly<Record<LogLevel, Look>> = { debug: 'dim', info: 'green', warn: 'yellow', error: 'red' }

/**
 * A log for people: one line per report, longer texts such as errors indented below it. A line begins with its time: on a
 * terminal that of the day there, else date and time of UTC, because it is read later and elsewhere.
 */
export function textLogger(stream: TextStream, least: LogLevel, now = () => new Date()): Logger {
  const write = (level: LogLevel) => (fields: object, message: string) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return
    const time = stream.isTTY === true ? style(stream, 'dim', timeOfDay(now())) : now().toISOString()
    stream.write(`${time} ${style(stream, LOOKS[level], level.padEnd(5))} ${formatLog(fields, message)}\n`)
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

function timeOfDay(time: Date): string {
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}

/** A log entry without its time and level. */
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
