import { bodyTooLarge } from './body-too-large.ts'

/** Gathers the chunks of a body up to a limit. */
export class BodyCollector {
  readonly #limit: number
  readonly #chunks: Uint8Array[] = []
  #length = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** @throws StatefunError `SF_SDK_BODY_TOO_LARGE` */
  add(chunk: Uint8Array): void {
    this.#length += chunk.length
    if (this.#length > this.#limit) throw bodyTooLarge(this.#limit)
    this.#chunks.push(chunk)
  }

  bytes(): Uint8Array {
    if (this.#chunks.length === 1) return this.#chunks[0]!
    const whole = new Uint8Array(this.#length)
    let offset = 0
    for (const chunk of this.#chunks) {
      whole.set(chunk, offset)
      offset += chunk.length
    }
    return whole
  }
}
