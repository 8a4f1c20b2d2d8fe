import { stripVTControlCharacters } from 'node:util'
import type { TestFailure } from '../run/run-events.ts'
import type { ReportedError } from './run-report.ts'

/** An error that was formatted by `StatefunError.format`, or any other text. */
export function errorFromText(text: string): ReportedError {
  const lines = stripVTControlCharacters(text).split('\n')
  const [first = ''] = lines
  const hint = lines.findLast((line) => line.startsWith('hint: '))?.slice('hint: '.length)
  const [, code = 'Error', head = first] = /^(?:[A-Za-z]+: )?(SF_[A-Z0-9_]+):? (.*)$/s.exec(first) ?? []
  const message = [head, ...lines.slice(1).filter((line) => !line.startsWith('hint: '))].join('\n').trim()
  return { code, message, ...(hint === undefined ? {} : { hint }) }
}

/**
 * A failure of a test with its code and the place in the test.
 *
 * @param file of the test, to find the line of the stack that is in it
 */
export function errorFromFailure(failure: TestFailure, file?: string): ReportedError {
  const { message, stack, diff } = failure
  const error = errorFromText(message)
  const trace = stack === undefined ? undefined : stripVTControlCharacters(stack)
  const where = trace === undefined || file === undefined ? undefined : placeIn(trace, file)
  const name = failure.name ?? /^(?:Uncaught )?([A-Za-z]*Error)\b/.exec(trace ?? '')?.[1]
  return {
    ...error,
    ...(error.code === 'Error' && name !== undefined ? { code: name } : {}),
    ...(where === undefined ? {} : { where }),
    ...(diff === undefined ? {} : { diff: stripVTControlCharacters(diff).trimEnd() }),
    ...(trace === undefined ? {} : { stack: trace }),
  }
}

function placeIn(stack: string, file: string): string | undefined {
  for (const line of stack.split('\n')) {
    const at = line.indexOf(file)
    const position = at < 0 ? undefined : /^:\d+(?::\d+)?/.exec(line.slice(at + file.length))?.[0]
    if (position !== undefined) return `${file}${position}`
  }
  return undefined
}
