import type { TextStream } from '../io.ts'
import { style } from './style.ts'

/** Milliseconds between two updates of the line. */
const REDRAW_MS = 100

/** A line that says how far long work has come, on a terminal; a pipe sees nothing of it. */
export class Progress {
  readonly #stream: TextStream
  readonly #what: string
  #drawnAt = 0

  /** @param what such as `copied` */
  constructor(stream: TextStream, what: string) {
    this.#stream = stream
    this.#what = what
  }

  /** So many bytes by now. */
  update(bytes: number): void {
    if (this.#stream.isTTY !== true || performance.now() - this.#drawnAt < REDRAW_MS) return
    this.#drawnAt = performance.now()
    this.#stream.write(`\r\u001b[K${style(this.#stream, 'dim', `${readableBytes(bytes)} ${this.#what}`)}`)
  }

  /** Takes the line away. */
  end(): void {
    if (this.#drawnAt > 0) this.#stream.write('\r\u001b[K')
    this.#drawnAt = 0
  }
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** `1.5 MiB` */
export function readableBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`
}
