import { StatefunError } from '@statefun/protocol'
import type { TextStream } from '../io.ts'
import { style } from './style.ts'

/**
 * Prints an error for people: code, place, message, excerpt, hint.
 *
 * @param verbose adds the stack and its causes
 */
export function printError(stream: TextStream, error: unknown, verbose: boolean): void {
  const known = StatefunError.from(error)
  const [head = '', ...rest] = known.format().split('\n')
  const lines = [head.replace(known.code, style(stream, ['bold', 'red'], known.code))]
  for (const line of rest) lines.push(line.startsWith('hint: ') ? style(stream, 'cyan', line) : line)
  const cause = known.cause === undefined ? undefined : StatefunError.from(known.cause).message
  if (cause !== undefined && !known.format().includes(cause)) lines.push(`caused by: ${cause}`)
  if (verbose) lines.push(style(stream, 'dim', stackOf(known)))
  stream.write(`${lines.join('\n')}\n`)
}

function stackOf(error: Error): string {
  const stacks: string[] = []
  for (let at: unknown = error; at instanceof Error && stacks.length < 10; at = at.cause) {
    stacks.push(at.stack ?? String(at))
  }
  return stacks.join('\ncaused by ')
}
