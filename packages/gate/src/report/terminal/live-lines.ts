import { stripVTControlCharacters } from 'node:util'
import type { TextStream } from './text-stream.ts'

/**
 * Lines at the bottom of a terminal that are drawn again and again, below text that stays. Every line is cut to the width of
 * the terminal, as one that wraps could not be taken back.
 */
export class LiveLines {
  readonly #stream: TextStream
  readonly #lines: () => readonly string[]
  #drawn = 0

  /** @param lines asked for whenever they are drawn */
  constructor(stream: TextStream, lines: () => readonly string[]) {
    this.#stream = stream
    this.#lines = lines
  }

  /** Draws the lines anew, below `text` when there is some; text ends with a line break. */
  draw(text = ''): void {
    const width = (this.#stream.columns || 80) - 1
    const lines = this.#lines().map((line) => cut(line, width))
    this.#stream.write(`${this.#back()}${text}${lines.map((line) => `${line}\n`).join('')}`)
    this.#drawn = lines.length
  }

  /** Takes the lines away. */
  clear(): void {
    this.#stream.write(this.#back())
    this.#drawn = 0
  }

  #back(): string {
    return this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A\r\u001b[J`
  }
}

/** Cuts a line to so many columns; what is cut loses its looks. */
function cut(line: string, width: number): string {
  const bare = stripVTControlCharacters(line)
  return bare.length <= width ? line : `${bare.slice(0, width - 1)}…`
}
