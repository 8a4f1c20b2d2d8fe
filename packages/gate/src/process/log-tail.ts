import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const TAIL_BYTES = 32 * 1024

/**
 * The last lines of a log file without reading all of it; empty when there is no such file.
 *
 * @param lines default 15
 */
export function logTail(path: string, lines = 15): string {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return ''
  }
  try {
    const size = fstatSync(file).size
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES))
    readSync(file, buffer, 0, buffer.length, size - buffer.length)
    return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n')
  } finally {
    closeSync(file)
  }
}
