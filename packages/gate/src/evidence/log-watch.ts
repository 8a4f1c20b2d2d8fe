import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { SaidLine } from '../report/run-report.ts'

/** How a log had grown by a moment. */
interface Mark {
  readonly at: number
  readonly size: number
}

/** Lines of a log between two moments. */
export interface LogWindow {
  /** `at` is the moment at which the line was first seen, milliseconds since the epoch. */
  readonly lines: readonly SaidLine[]
  readonly omitted: number
}

const EVERY_MS = 200
/** Lines of one window; what is between its beginning and its end is left out. */
const MOST_LINES = 160
const MOST_LINE_CHARACTERS = 2_000
/** Bytes read of each end of a window. */
const END_BYTES = 128 * 1024

/**
 * Watches the logs below a folder grow, so that what a part said at a moment is known whatever form its lines have, and in
 * whatever time zone it writes them.
 */
export class LogWatch {
  readonly #folder: string
  readonly #marks = new Map<string, Mark[]>()
  #timer: NodeJS.Timeout | undefined

  /** @param folder need not exist yet */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Looks again and again until {@link stop}. */
  start(): void {
    this.#timer ??= setInterval(() => this.look(), EVERY_MS)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.look()
  }

  /** Paths of the logs, relative to the folder, with `/`. */
  names(): readonly string[] {
    return [...this.#marks.keys()]
  }

  /** Notes how long each log is now. */
  look(at = Date.now()): void {
    for (const name of filesBelow(this.#folder)) {
      const size = sizeOf(join(this.#folder, name))
      if (size === undefined) continue
      const marks = this.#marks.get(name)
      if (marks === undefined) this.#marks.set(name, [{ at, size }])
      else if (marks.at(-1)?.size !== size) marks.push({ at, size })
    }
  }

  /** When each log grew, for a timeline. */
  growth(): readonly { readonly at: number; readonly log: string; readonly bytes: number }[] {
    return [...this.#marks].flatMap(([log, marks]) =>
      marks.map(({ at, size }, index) => ({ at, log, bytes: size - (marks[index - 1]?.size ?? 0) })),
    )
  }

  /** What a log said after `from` and up to `to`, milliseconds since the epoch. */
  window(name: string, from: number, to: number): LogWindow {
    const marks = this.#marks.get(name) ?? []
    const begin = marks.findLast(({ at }) => at <= from)?.size ?? 0
    const end = marks.findLast(({ at }) => at <= to)?.size ?? 0
    if (end <= begin) return { lines: [], omitted: 0 }
    const path = join(this.#folder, name)
    const whole = end - begin <= 2 * END_BYTES
    const pieces = whole
      ? [{ begin, end }]
      : [
          { begin, end: begin + END_BYTES },
          { begin: end - END_BYTES, end },
        ]
    const read = pieces.map((piece) => linesOf(path, piece.begin, piece.end))
    // The line at a cut is not whole.
    if (!whole) {
      read[0]?.pop()
      read[1]?.shift()
    }
    const lines = read.flat()
    const unread = whole ? 0 : countLines(path, begin + END_BYTES, end - END_BYTES)
    const surplus = Math.max(0, lines.length - MOST_LINES)
    lines.splice(MOST_LINES / 2, surplus)
    return {
      lines: lines.map(({ offset, text }) => ({
        at: marks.find(({ size }) => size > offset)?.at ?? to,
        text: text.length > MOST_LINE_CHARACTERS ? `${text.slice(0, MOST_LINE_CHARACTERS)}…` : text,
      })),
      omitted: surplus + unread,
    }
  }
}

function filesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.log'))
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
  } catch {
    // Nothing has been started yet.
    return []
  }
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size
}

/** Lines that are not empty, with the offsets of their first bytes. */
function linesOf(
  path: string,
  begin: number,
  end: number,
): { readonly offset: number; readonly text: string }[] {
  const bytes = bytesOf(path, begin, end)
  const lines: { readonly offset: number; readonly text: string }[] = []
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.indexOf(0x0a, at)
    const next = found < 0 ? bytes.length : found
    const text = bytes.toString('utf8', at, next).trimEnd()
    if (text !== '') lines.push({ offset: begin + at, text })
    at = next + 1
  }
  return lines
}

const COUNTED_BYTES = 16 * 1024 * 1024

function countLines(path: string, begin: number, end: number): number {
  const bytes = bytesOf(path, begin, Math.min(end, begin + COUNTED_BYTES))
  let lines = 0
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) lines++
  return lines
}

function bytesOf(path: string, begin: number, end: number): Buffer {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return Buffer.alloc(0)
  }
  try {
    const buffer = Buffer.alloc(Math.max(0, Math.min(end, fstatSync(file).size) - begin))
    return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, begin))
  } finally {
    closeSync(file)
  }
}
