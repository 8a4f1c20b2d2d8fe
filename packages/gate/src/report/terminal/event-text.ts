import type { RunEvent } from '../../run/run-events.ts'
import { errorFromFailure, errorFromText } from '../parse-error.ts'
import { oneLine, plain } from '../readable.ts'
import type { ReportedError } from '../run-report.ts'
import type { RunState } from './run-state.ts'
import { style, type TextStream } from './text-stream.ts'

/** Columns of the seconds at the beginning of a line. */
const SECONDS_WIDTH = 8
/** Of a difference; the whole of it is in the report. */
const MOST_DIFF_LINES = 24

/** The lines that stay of an event, with a line break at the end; undefined when it leaves none. */
export function eventText(stream: TextStream, event: RunEvent, state: RunState): string | undefined {
  switch (event.type) {
    case 'run-begin': {
      const engines = event.engines.join(' and ')
      const selection = event.selection === undefined ? '' : `, tests ${oneLine(event.selection)}`
      return `${style(stream, 'bold', `gate of ${oneLine(event.app)}`)}: ${engines} on topology ${event.topology}${selection}\n`
    }
    case 'phase-end': {
      const line = event.error === undefined ? ok(stream, event.seconds) : bad(stream, event.seconds)
      const why = event.error === undefined ? '' : errorText(stream, errorFromText(event.error))
      return `${line}${event.phase}\n${why}`
    }
    case 'deployment-ready': {
      const seconds = (event.at - (state.startedAt ?? event.at)) / 1000
      const what = `ready: ${event.deployment}, ${oneLine(event.engineTitle)}`
      return `${ok(stream, undefined)}${what}${style(stream, 'dim', ` after ${seconds.toFixed(1)} s`)}\n`
    }
    case 'deployment-failed':
      // The phase that failed has told why.
      return `${bad(stream, undefined)}there is no deployment on ${event.engine}\n`
    case 'test-end': {
      const { verdict, seconds, test, reason, failures } = event
      const name = `${oneLine(test.test.replaceAll(' > ', ' › '))}  ${style(stream, 'dim', test.deployment)}`
      if (verdict === 'passed') return `${ok(stream, seconds)}${name}\n`
      if (verdict === 'failed') {
        const why = failures.map((failure) => errorText(stream, errorFromFailure(failure, test.file)))
        return `${bad(stream, seconds)}${name}\n${why.join('')}`
      }
      return `${style(stream, 'yellow', '-')} ${' '.repeat(SECONDS_WIDTH)}  ${name}\n${indent(style(stream, 'dim', oneLine(reason ?? 'skipped')))}\n`
    }
    case 'error':
      return `${bad(stream, undefined)}${oneLine(event.file ?? event.deployment ?? 'outside of the tests')}\n${errorText(stream, errorFromFailure(event.failure, event.file))}`
    case 'fault':
      return note(stream, `${event.deployment}: ${event.part} ${event.change}`)
    case 'note': {
      const where = event.deployment === undefined ? '' : `${event.deployment}: `
      return event.level === 'warn'
        ? `${style(stream, 'yellow', '!')} ${' '.repeat(SECONDS_WIDTH)}  ${where}${plain(event.text)}\n`
        : note(stream, `${where}${plain(event.text)}`)
    }
    case 'kept':
      return note(stream, `the parts still run, held by process ${event.pid}`)
    default:
      return undefined
  }
}

/** An error below the line it belongs to: code, place, message, hint, difference. */
export function errorText(stream: TextStream, error: ReportedError): string {
  const where = error.where === undefined ? '' : style(stream, 'dim', ` (${oneLine(error.where)})`)
  const lines = [
    `${style(stream, ['bold', 'red'], error.code)} ${plain(error.message)}${where}`,
    ...(error.hint === undefined ? [] : [style(stream, 'cyan', `hint: ${oneLine(error.hint)}`)]),
    ...diffLines(stream, error.diff),
  ]
  return `${indent(lines.join('\n'))}\n`
}

function diffLines(stream: TextStream, diff: string | undefined): readonly string[] {
  if (diff === undefined) return []
  const lines = plain(diff).split('\n')
  const more = lines.length - MOST_DIFF_LINES
  return [
    ...lines.slice(0, MOST_DIFF_LINES).map((line) => diffLine(stream, line)),
    ...(more > 0 ? [style(stream, 'dim', `… and ${more} more, see the report`)] : []),
  ]
}

function diffLine(stream: TextStream, line: string): string {
  if (/^\s*-/.test(line)) return style(stream, 'red', line)
  return /^\s*\+/.test(line) ? style(stream, 'green', line) : line
}

function ok(stream: TextStream, seconds: number | undefined): string {
  return `${style(stream, 'green', '✓')} ${secondsText(stream, seconds)}  `
}

function bad(stream: TextStream, seconds: number | undefined): string {
  return `${style(stream, 'red', '✗')} ${secondsText(stream, seconds)}  `
}

function note(stream: TextStream, text: string): string {
  return `${style(stream, 'dim', `· ${' '.repeat(SECONDS_WIDTH)}  ${text}`)}\n`
}

function secondsText(stream: TextStream, seconds: number | undefined): string {
  const text = seconds === undefined ? '' : `${seconds.toFixed(2)} s`
  return style(stream, 'dim', text.padStart(SECONDS_WIDTH))
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n')
}
