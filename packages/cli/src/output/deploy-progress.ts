import type { Progress } from '@statefun/flink'
import type { TextStream } from '../io.ts'
import { style } from './style.ts'

/**
 * Shows what is waited for: on a terminal a block that is drawn anew, elsewhere a line for each change.
 */
export class DeployProgress {
  readonly #stream: TextStream
  readonly #told = new Map<string, string>()
  #drawn = 0

  constructor(stream: TextStream) {
    this.#stream = stream
  }

  /** A line that stays. */
  line(text: string): void {
    this.#erase()
    this.#stream.write(`${text}\n`)
  }

  update(progress: readonly Progress[]): void {
    if (this.#stream.isTTY !== true) {
      for (const item of progress) this.#tell(item)
      return
    }
    this.#erase()
    const width = this.#stream.columns ?? 100
    const lines = progress.flatMap((item) => [
      `${item.ready ? style(this.#stream, 'green', 'ready  ') : style(this.#stream, 'yellow', 'waiting')} ${item.what}: ${item.state}`,
      ...item.pending.map((reason) => style(this.#stream, 'dim', `          ${reason}`.slice(0, width - 1))),
    ])
    for (const line of lines) this.#stream.write(`${line}\n`)
    this.#drawn = lines.length
  }

  /** Leaves the last state where it is. */
  end(): void {
    this.#drawn = 0
  }

  #tell({ what, ready, state, pending }: Progress): void {
    const text = `${ready ? 'ready  ' : 'waiting'}    ${what}: ${state}${pending.map((reason) => `\n           ${reason}`).join('')}`
    if (this.#told.get(what) === text) return
    this.#told.set(what, text)
    this.#stream.write(`${text}\n`)
  }

  #erase(): void {
    if (this.#drawn > 0) this.#stream.write(`\u001b[${this.#drawn}A\u001b[J`)
    this.#drawn = 0
  }
}
