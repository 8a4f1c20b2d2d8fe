import { MULTI_CALL_HEADER, StatefunError } from '@statefun/protocol'
import type { Dispatcher } from 'undici'
import type { Connection } from './connection.ts'
import type { ConnectionPool } from './connection-pool.ts'
import type { Deadline } from './deadline-queue.ts'
import { type ContentEncoding, contentEncodingOf, decodeBody } from './decode-body.ts'
import type { AttemptFailure } from './retry-policy.ts'

/** What a call does with what happens to its attempts. Exactly one of the first four ends each attempt. */
export interface AttemptListener {
  /** Empty when the answer was streamed: then this is its end. */
  answered(body: Uint8Array): void
  failed(failure: AttemptFailure, error: Error): void
  /** 3xx with a Location header; only when the attempt was told to report them. */
  redirected(status: number, location: string): void
  /** The attempt was stuck behind a hung call and has to be made again; it does not count as failed. */
  displaced(): void
  /** The whole request was handed to the connection's socket, which may still hold some of it. */
  sent(connection: Connection): void
  /** Some of the answer came in. */
  progressed(): void
  /** A good answer begins, with this {@link MULTI_CALL_HEADER}. */
  offered(header: string | string[] | undefined): void
  /**
   * A part of a streamed answer.
   *
   * @throws Error when it is not what it should be
   */
  received(chunk: Uint8Array): void
}

/** Which answers are accepted. */
export interface AnswerLimits {
  /** Largest answer accepted, before and after decompression. */
  readonly maxBytes: number
  readonly reportRedirects: boolean
  readonly contentType: string
  /** The answer goes to the listener as it comes, which then sees to its size; it may not be compressed. */
  readonly isStreamed: boolean
}

/** One HTTP request: checks status, content type and size of the answer while it comes in (contract 1.2). */
export class HttpAttempt implements Dispatcher.DispatchHandler {
  readonly dispatch: Dispatcher.DispatchOptions
  readonly #limits: AnswerLimits
  readonly #listener: AttemptListener
  /** Set by the pool while the attempt waits for a connection. */
  waitingIn: ConnectionPool | undefined
  waitDeadline: Deadline | undefined
  /** Set from the moment a connection carries it. */
  connection: Connection | undefined
  /** When the request went out on its connection. */
  sentMs = 0
  /** Calls that it carries and that are not done: what it counts in its pool. */
  calls: number
  /** Nothing else may share its connection: its answer takes as long as the slowest of its calls. */
  readonly isExclusive: boolean
  #controller: Dispatcher.DispatchController | undefined
  #settled = false
  #failure: AttemptFailure | undefined
  #error: Error | undefined
  #location: string | undefined
  #encoding: ContentEncoding = 'identity'
  #first: Buffer | undefined
  #rest: Buffer[] | undefined
  #bytes = 0

  constructor(
    dispatch: Dispatcher.DispatchOptions,
    limits: AnswerLimits,
    listener: AttemptListener,
    calls = 1,
  ) {
    this.dispatch = dispatch
    this.#limits = limits
    this.#listener = listener
    this.calls = calls
    this.isExclusive = limits.isStreamed
  }

  /** Ends the attempt as failed and lets go of its connection; without effect once it has ended. */
  cancel(error: Error): void {
    if (this.#settled) return
    if (this.#controller !== undefined && this.connection?.isHead(this) === true) {
      this.#reject(IO, error)
      this.#controller.abort(error)
      return
    }
    this.waitingIn?.leave(this)
    this.connection?.abandoned(this)
    this.#settle(IO, error)
  }

  /** Takes the attempt back to have it made again elsewhere; whatever is answered to this one is dropped. */
  displace(): void {
    if (this.#settled) return
    this.#settled = true
    this.#listener.displaced()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) {
      controller.abort(new Error('cancelled before it was sent'))
      return
    }
    this.#controller = controller
    this.connection?.started(this)
  }

  onRequestSent(): void {
    if (!this.#settled && this.connection !== undefined) this.#listener.sent(this.connection)
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200 || this.#settled) return
    this.#listener.progressed()
    if (status >= 300) {
      const location = headers.location
      if (status < 400 && this.#limits.reportRedirects && typeof location === 'string') {
        this.#location = location
      }
      this.#reject({ kind: 'status', status }, new Error(`status ${status}`))
      return
    }
    const contentType = headers['content-type']
    const wanted = this.#limits.contentType
    if (contentType !== wanted && !isSameType(contentType, wanted)) {
      const shown = contentType === undefined ? 'no content type' : `content type "${String(contentType)}"`
      this.#reject(RESPONSE, new Error(`${shown} instead of ${wanted}`))
      return
    }
    const contentEncoding = headers['content-encoding']
    if (contentEncoding !== undefined) {
      const encoding = contentEncodingOf(contentEncoding)
      if (encoding === undefined || (encoding !== 'identity' && this.#limits.isStreamed)) {
        this.#reject(RESPONSE, new Error(`content encoding "${String(contentEncoding)}" is not understood`))
        return
      }
      this.#encoding = encoding
    }
    if (this.#limits.isStreamed) return
    if (Number(headers['content-length']) > this.#limits.maxBytes) this.#rejectTooLarge()
    this.#listener.offered(headers[MULTI_CALL_HEADER])
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return
    this.#listener.progressed()
    this.#bytes += chunk.length
    if (this.#failure !== undefined) {
      if (this.#bytes > DRAINED_BYTES) controller.abort(this.#error ?? new Error('answer not wanted'))
      return
    }
    if (this.#limits.isStreamed) {
      this.#pass(chunk, controller)
      return
    }
    if (this.#bytes > this.#limits.maxBytes) {
      this.#rejectTooLarge()
      controller.abort(this.#error ?? new Error('answer too large'))
      return
    }
    if (this.#first === undefined) this.#first = chunk
    else if (this.#rest === undefined) this.#rest = [this.#first, chunk]
    else this.#rest.push(chunk)
  }

  onResponseEnd(): void {
    this.connection?.finished(this, true)
    if (this.#settled) return
    if (this.#failure !== undefined) {
      this.#settle(this.#failure, this.#error ?? new Error('failed'))
      return
    }
    const body = this.#rest === undefined ? (this.#first ?? EMPTY) : Buffer.concat(this.#rest)
    if (this.#encoding === 'identity' || body.length === 0) {
      this.#settled = true
      this.#listener.answered(body)
      return
    }
    decodeBody(body, this.#encoding, this.#limits.maxBytes).then(
      (decoded) => {
        if (this.#settled) return
        this.#settled = true
        this.#listener.answered(decoded)
      },
      (error: Error) => this.#settle(RESPONSE, error),
    )
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.connection?.finished(this, false)
    this.#settle(this.#failure ?? IO, this.#error ?? error)
  }

  #pass(chunk: Buffer, controller: Dispatcher.DispatchController): void {
    try {
      this.#listener.received(chunk)
    } catch (cause) {
      const error = StatefunError.from(cause)
      this.#reject(RESPONSE, error)
      controller.abort(error)
    }
  }

  #rejectTooLarge(): void {
    this.#reject(RESPONSE, new Error(`the answer is larger than ${this.#limits.maxBytes} bytes`))
  }

  #reject(failure: AttemptFailure, error: Error): void {
    this.#failure = failure
    this.#error = error
  }

  #settle(failure: AttemptFailure, error: Error): void {
    if (this.#settled) return
    this.#settled = true
    if (this.#location !== undefined && failure.kind === 'status') {
      this.#listener.redirected(failure.status, this.#location)
    } else {
      this.#listener.failed(failure, error)
    }
  }
}

function isSameType(contentType: string | string[] | undefined, wanted: string): boolean {
  return typeof contentType === 'string' && contentType.toLowerCase() === wanted
}

const EMPTY = new Uint8Array(0)
const IO: AttemptFailure = { kind: 'io' }
const RESPONSE: AttemptFailure = { kind: 'response' }
/** Of an answer that is not wanted, this much is read to keep the connection. */
const DRAINED_BYTES = 65_536
