import { Buffer } from 'node:buffer'
import { malformed } from '../wire/malformed.ts'

const HEAD_BYTES = 8

/** The answer to one of several calls. */
export interface MultiCallAnswer {
  /** That an answer to this call alone would have: 200, or why it failed. */
  readonly status: number
  readonly body: Uint8Array
}

/**
 * Gathers answers to be sent at once, in the order in which they are done.
 *
 *     answer := frame*
 *     frame  := index(uint16)  status(uint16)  length(uint32)  FromFunction        numbers are big endian
 */
export class MultiCallAnswers {
  #frames: (MultiCallAnswer & { readonly index: number })[] = []
  #bytes = 0

  /** Whether none was added since the last {@link take}. */
  get isEmpty(): boolean {
    return this.#bytes === 0
  }

  add(index: number, { status, body }: MultiCallAnswer): void {
    this.#frames.push({ index, status, body })
    this.#bytes += HEAD_BYTES + body.length
  }

  /** The frames added since. */
  take(): Uint8Array {
    const bytes = new Uint8Array(this.#bytes)
    const view = new DataView(bytes.buffer)
    let at = 0
    for (const { index, status, body } of this.#frames) {
      view.setUint16(at, index)
      view.setUint16(at + 2, status)
      view.setUint32(at + 4, body.length)
      bytes.set(body, at + HEAD_BYTES)
      at += HEAD_BYTES + body.length
    }
    this.#frames = []
    this.#bytes = 0
    return bytes
  }
}

/** What a {@link MultiCallReader} finds. */
export interface MultiCallListener {
  /** @param body may be a view of the chunk that it came in */
  answer(index: number, status: number, body: Uint8Array): void
  /** The answer is longer than allowed; its bytes are passed over. */
  tooLarge(index: number): void
}

/**
 * Reads an answer to several calls from the chunks it comes in. It holds no more than one answer's bytes that have come,
 * whatever length was announced.
 */
export class MultiCallReader {
  readonly #answered: Uint8Array
  readonly #maxBytes: number
  readonly #listener: MultiCallListener
  readonly #head = Buffer.alloc(HEAD_BYTES)
  #headBytes = 0
  /** Bytes of the body that have not come yet. */
  #left = 0
  #isPassedOver = false
  #parts: Uint8Array[] = []
  #offset = 0

  /**
   * @param calls how many there were in the request
   * @param maxBytes longest answer to one call
   */
  constructor(calls: number, maxBytes: number, listener: MultiCallListener) {
    this.#answered = new Uint8Array(calls)
    this.#maxBytes = maxBytes
    this.#listener = listener
  }

  /** @throws StatefunError `SF_PROTOCOL_MALFORMED` for an index that was not sent or is answered already */
  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#headBytes < HEAD_BYTES) {
        const taken = Math.min(HEAD_BYTES - this.#headBytes, chunk.length - at)
        for (let i = 0; i < taken; i++) this.#head[this.#headBytes + i] = chunk[at + i]!
        this.#headBytes += taken
        at += taken
        if (this.#headBytes === HEAD_BYTES) this.#begin()
        continue
      }
      const taken = Math.min(this.#left, chunk.length - at)
      this.#left -= taken
      if (!this.#isPassedOver) this.#parts.push(chunk.subarray(at, at + taken))
      at += taken
      if (this.#left === 0) this.#end()
    }
    this.#offset += chunk.length
  }

  #begin(): void {
    const index = this.#head.readUInt16BE(0)
    if (this.#answered[index] !== 0) {
      const problem = index < this.#answered.length ? 'is answered twice' : 'was not asked for'
      throw malformed('multi-call answer', this.#offset, `call ${index} ${problem}`)
    }
    this.#answered[index] = 1
    this.#left = this.#head.readUInt32BE(4)
    this.#isPassedOver = this.#left > this.#maxBytes
    if (this.#isPassedOver) this.#listener.tooLarge(index)
    if (this.#left === 0) this.#end()
  }

  #end(): void {
    const [first, second] = this.#parts
    const body = second === undefined ? (first ?? NOTHING) : Buffer.concat(this.#parts)
    this.#parts = []
    this.#headBytes = 0
    if (this.#isPassedOver) return
    this.#listener.answer(this.#head.readUInt16BE(0), this.#head.readUInt16BE(2), body)
  }
}

const NOTHING = new Uint8Array(0)
