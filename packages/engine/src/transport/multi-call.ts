import { encodeMultiCall, MULTI_CALL_TYPE, MultiCallReader } from '@statefun/protocol'
import type { Dispatcher } from 'undici'
import type { ConnectionPool } from './connection-pool.ts'
import { type AttemptListener, HttpAttempt } from './http-attempt.ts'
import type { MultiCallSupport } from './multi-call-support.ts'
import type { AttemptFailure } from './retry-policy.ts'
import type { TransportClock } from './transport-clock.ts'

/** What all requests with several calls of one transport have in common. */
export interface MultiCallContext {
  readonly path: string
  /** Name and value in turn, as undici takes them. */
  readonly headers: string[]
  /** Longest answer to one call. */
  readonly maxBytes: number
  readonly pool: ConnectionPool
  readonly support: MultiCallSupport
  readonly clock: TransportClock
}

/** One attempt of one call that goes with others. */
export class MultiCallMember {
  readonly listener: AttemptListener
  readonly body: Uint8Array
  /** Set once the request is made. */
  request: MultiCall | undefined
  isSettled = false

  constructor(listener: AttemptListener, body: Uint8Array) {
    this.listener = listener
    this.body = body
  }

  /** Ends the attempt as failed, without effect on those it goes with; without effect once it has ended. */
  cancel(error: Error): void {
    if (this.isSettled) return
    this.isSettled = true
    this.request?.left()
    this.listener.failed({ kind: 'io' }, error)
  }
}

/**
 * One request with several calls. Each is answered on its own, when its function is done; what befalls the request befalls
 * those that are not answered yet. When it was not understood, nothing ran: they are made again one by one, at once.
 */
export class MultiCall implements AttemptListener {
  readonly #context: MultiCallContext
  readonly #attempt: HttpAttempt
  #members: readonly MultiCallMember[]
  #waitedFor: number
  #reader: MultiCallReader | undefined
  #ended = false

  constructor(context: MultiCallContext, members: readonly MultiCallMember[]) {
    this.#context = context
    this.#members = members
    this.#waitedFor = members.length
    for (const member of members) member.request = this
    this.#attempt = new HttpAttempt(this.#dispatch(), limitsOf(context), this, members.length)
    context.pool.submit(this.#attempt, context.clock.now())
  }

  /** The caller of one of the calls lost interest. */
  left(): void {
    this.#context.pool.done(this.#attempt)
    if (--this.#waitedFor > 0 || this.#ended) return
    this.#ended = true
    this.#attempt.cancel(new Error('none of its calls is waited for any more'))
  }

  received(chunk: Uint8Array): void {
    this.#reader ??= new MultiCallReader(this.#members.length, this.#context.maxBytes, {
      answer: (index, status, body) => {
        const failure: AttemptFailure = { kind: 'status', status }
        if (status >= 200 && status < 300) this.#settle(index, (listener) => listener.answered(body))
        else this.#settle(index, (listener) => listener.failed(failure, new Error(`status ${status}`)))
      },
      tooLarge: (index) => {
        const error = new Error(`the answer is larger than ${this.#context.maxBytes} bytes`)
        this.#settle(index, (listener) => listener.failed(RESPONSE, error))
      },
    })
    this.#reader.push(chunk)
  }

  /** The whole answer has come. */
  answered(): void {
    this.#ended = true
    if (this.#waitedFor === 0) this.#context.support.worked()
    else this.#failRest(RESPONSE, new Error('the answer ended without one to this call'))
  }

  failed(failure: AttemptFailure, error: Error): void {
    this.#ended = true
    const isUnderstood = this.#reader !== undefined || failure.kind === 'io' || isBusy(failure)
    if (!isUnderstood) this.#context.support.refused(this.#context.clock.now())
    if (isUnderstood || (failure.kind === 'status' && failure.status >= 500)) this.#failRest(failure, error)
    else this.#each((listener) => listener.displaced())
  }

  redirected(status: number): void {
    this.failed({ kind: 'status', status }, new Error(`status ${status}`))
  }

  displaced(): void {
    this.#ended = true
    this.#each((listener) => listener.displaced())
  }

  sent(): void {}
  progressed(): void {}
  offered(): void {}

  #dispatch(): Dispatcher.DispatchOptions {
    const { path, headers } = this.#context
    const live = () => {
      this.#members = this.#members.filter(({ isSettled }) => !isSettled)
      return encodeMultiCall(this.#members.map(({ body }) => body))
    }
    return {
      method: 'POST',
      path,
      headers,
      // Read once, when it is sent: by then some of the calls may have been given up.
      get body() {
        return live()
      },
      idempotent: true,
      blocking: false,
    }
  }

  #settle(index: number, tell: (listener: AttemptListener) => void): void {
    const member = this.#members[index]
    if (member === undefined || member.isSettled) return
    member.isSettled = true
    this.#waitedFor--
    this.#context.pool.done(this.#attempt)
    tell(member.listener)
  }

  #failRest(failure: AttemptFailure, error: Error): void {
    this.#each((listener) => listener.failed(failure, error))
  }

  #each(tell: (listener: AttemptListener) => void): void {
    for (let index = 0; index < this.#members.length; index++) this.#settle(index, tell)
  }
}

function limitsOf({ maxBytes }: MultiCallContext) {
  return { maxBytes, reportRedirects: false, contentType: MULTI_CALL_TYPE, isStreamed: true }
}

/** Says nothing about what the server understands, and asks for a pause, not for the same calls at once. */
function isBusy(failure: AttemptFailure): boolean {
  return failure.kind === 'status' && BUSY_STATUS.has(failure.status)
}

const RESPONSE: AttemptFailure = { kind: 'response' }
const BUSY_STATUS: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504])
