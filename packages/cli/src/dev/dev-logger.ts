import type { Logger } from '@statefun/engine'
import { formatLog, type LogLevel } from '../output/text-logger.ts'

/**
 * The engine's log as it is shown while developing: a function that fails is reported once and not at each of its retries,
 * and of a stack only the places in the app itself are left.
 *
 * @param folder of the app
 */
export function devLogger(folder: string, write: (level: LogLevel, text: string) => void): Logger {
  const log = (level: LogLevel) => (fields: object, message: string) => {
    const attempt = 'attempt' in fields && typeof fields.attempt === 'number' ? fields.attempt : 1
    if (attempt > 1) return
    const shown: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(fields)) {
      if (name === 'attempt' || name === 'batchSize') continue
      shown[name] = trimStack(value, folder)
    }
    const retried = 'attempt' in fields ? '\n        it is tried again; mend the function and save' : ''
    write(level, formatLog(shown, message) + retried)
  }
  return { debug: () => undefined, info: log('info'), warn: log('warn'), error: log('error') }
}

function trimStack(value: unknown, folder: string): unknown {
  const text = value instanceof Error ? (value.stack ?? value.message) : value
  if (typeof text !== 'string' || !text.includes('\n')) return text
  return text
    .split('\n')
    .filter((line) => !/^\s+at /.test(line) || (line.includes(folder) && !line.includes('node_modules')))
    .join('\n')
}
