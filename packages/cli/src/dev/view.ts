import type { TextStream } from '../io.ts'
import type { ShownRecord } from '../output/show-record.ts'
import { style } from '../output/style.ts'

/**
 * What `statefun dev` shows: lines as things happen and, on a terminal, a line below them that says how the app is.
 */
export class DevView {
  readonly #stream: TextStream
  #status = ''
  #in = 0
  #out = 0

  constructor(stream: TextStream) {
    this.#stream = stream
  }

  /** Prints text above the status line. */
  print(text: string): void {
    this.#clearStatus()
    this.#stream.write(`${text}\n`)
    this.#drawStatus()
  }

  record(direction: 'in' | 'out', record: ShownRecord): void {
    if (direction === 'in') this.#in++
    else this.#out++
    const arrow = direction === 'in' ? style(this.#stream, 'cyan', '->') : style(this.#stream, 'green', '<-')
    const headers = record.headers === '' ? '' : style(this.#stream, 'dim', `  [${record.headers}]`)
    this.print(
      `${arrow} ${record.topic}  ${style(this.#stream, 'bold', record.key)}  ${record.value}${headers}`,
    )
  }

  /** Says how the app is: `running`, `reloading`, `failed`. */
  status(text: string): void {
    this.#clearStatus()
    this.#status = text
    this.#drawStatus()
  }

  /** Leaves the terminal clean. */
  close(): void {
    this.#clearStatus()
    this.#status = ''
  }

  #clearStatus(): void {
    if (this.#stream.isTTY === true && this.#status !== '') this.#stream.write('\r\u001b[K')
  }

  #drawStatus(): void {
    if (this.#stream.isTTY !== true || this.#status === '') return
    const width = this.#stream.columns ?? 80
    const line = ` ${this.#status} | in ${this.#in} | out ${this.#out} | Ctrl-C ends `.slice(0, width - 1)
    this.#stream.write(style(this.#stream, ['dim'], line))
  }
}
