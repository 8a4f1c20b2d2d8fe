import { decodeMultiCall, MultiCallAnswers } from '@statefun/protocol'
import { errorBody } from './error-body.ts'
import type { CallAnswer, FunctionCaller } from './function-caller.ts'

/** Most calls in one request. */
export const MOST_CALLS = 256
/** Longest body of such a request; the default limit of an nginx in between. */
export const MOST_BYTES = 1_048_576

/** Calls are started for so long before what is done goes out and other requests have their turn. */
const SLICE_MS = 5

/**
 * The calls of one request: run side by side, answers given out in the order in which they are done, those of one turn of
 * the event loop together.
 */
export class MultiCallRun {
  readonly #calls: readonly Uint8Array[]
  readonly #caller: FunctionCaller
  readonly #answers = new MultiCallAnswers()
  #started = 0
  #unanswered: number
  #wake: (() => void) | undefined

  /** @throws StatefunError `SF_PROTOCOL_MALFORMED` before any function runs */
  constructor(body: Uint8Array, caller: FunctionCaller) {
    this.#calls = decodeMultiCall(body, { maxCalls: MOST_CALLS })
    this.#caller = caller
    this.#unanswered = this.#calls.length
  }

  /** Whether {@link next} has given out all answers. */
  get isOver(): boolean {
    return this.#unanswered === 0 && this.#answers.isEmpty
  }

  /** The frames of the next answers that are there. */
  async next(): Promise<Uint8Array> {
    if (this.#started < this.#calls.length) {
      this.#start()
      if (this.#unanswered > 0) await turn()
    }
    while (this.#answers.isEmpty && this.#unanswered > 0) {
      if (this.#started < this.#calls.length) {
        this.#start()
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
      await turn()
    }
    return this.#answers.take()
  }

  #start(): void {
    const endMs = performance.now() + SLICE_MS
    while (this.#started < this.#calls.length) {
      const index = this.#started++
      const answer = this.#call(this.#calls[index]!)
      if (answer instanceof Promise) void answer.then((settled) => this.#done(index, settled))
      else this.#done(index, answer)
      if (performance.now() > endMs) return
    }
  }

  #call(bytes: Uint8Array): CallAnswer | Promise<CallAnswer> {
    const refusal = this.#caller.enter()
    if (refusal !== undefined) return { status: 503, body: refusal }
    const answer = this.#caller.call(bytes)
    if (answer instanceof Promise) return answer.finally(() => this.#caller.leave())
    this.#caller.leave()
    return answer
  }

  #done(index: number, { status, body }: CallAnswer): void {
    this.#unanswered--
    this.#answers.add(index, { status, body: body instanceof Uint8Array ? body : errorBody(body) })
    this.#wake?.()
    this.#wake = undefined
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
