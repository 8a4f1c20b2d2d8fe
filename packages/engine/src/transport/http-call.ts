import type { Socket } from 'node:net'
import { decodeFromFunction, type FunctionResponse, type StatefunError } from '@statefun/protocol'
import type { Dispatcher } from 'undici'
import type { Logger } from '../logger.ts'
import type { Connection } from './connection.ts'
import type { ConnectionPool } from './connection-pool.ts'
import type { Deadline, DeadlineQueue } from './deadline-queue.ts'
import { type EndpointTarget, targetOf } from './endpoint-url.ts'
import { type AnswerLimits, type AttemptListener, HttpAttempt } from './http-attempt.ts'
import type { MultiCallGate } from './multi-call-gate.ts'
import { type AttemptFailure, attemptTimeoutMs, decideRetry, type TransportType } from './retry-policy.ts'
import type { AttemptObserver } from './transport.ts'
import type { TransportClock } from './transport-clock.ts'
import { describeFailure, giveUpError } from './transport-errors.ts'

/** What all calls of one transport have in common. */
export interface CallContext {
  readonly type: TransportType
  /** `<namespace>/<name>` of the function. */
  readonly functionName: string
  readonly budgetMs: number
  readonly target: EndpointTarget
  readonly pool: ConnectionPool
  /** Name and value in turn, as undici takes them. */
  readonly headers: string[]
  readonly limits: AnswerLimits
  readonly clock: TransportClock
  readonly observer: AttemptObserver
  readonly logger: Logger
  readonly budgets: DeadlineQueue<HttpCall>
  /** Per attempt, okhttp only: no progress while writing, and while reading. */
  readonly writes: DeadlineQueue<HttpCall> | undefined
  readonly reads: DeadlineQueue<HttpCall> | undefined
  /** Where calls meet that may go together; undefined when each goes alone. */
  readonly gate: MultiCallGate | undefined
  /** The pool that redirects to another server go through. */
  poolFor(target: EndpointTarget): ConnectionPool
  ended(call: HttpCall): void
}

interface LastFailure {
  readonly failure: AttemptFailure
  readonly error: Error
}

/** One call with all its attempts, until it is answered or given up (contract 1.6). */
export class HttpCall implements AttemptListener {
  readonly #context: CallContext
  readonly #id: string
  readonly #body: Uint8Array
  readonly #resolve: (response: FunctionResponse) => void
  readonly #reject: (error: StatefunError) => void
  readonly #startedMs: number
  readonly #budget: Deadline
  #attemptMs = 0
  #attempts = 0
  #redirects = 0
  #attempt: { cancel(error: Error): void } | undefined
  /** Where the attempt went in the end: the endpoint, or where it was redirected to. */
  #target: EndpointTarget
  /** The attempt has only the few milliseconds that are left: its running out of time would say nothing. */
  #hurried = false
  #lastFailure: LastFailure | undefined
  #phase: Deadline | undefined
  #stopTimer: (() => void) | undefined
  #settled = false

  /** @param body encoded once, sent by every attempt */
  constructor(
    context: CallContext,
    id: string,
    body: Uint8Array,
    resolve: (response: FunctionResponse) => void,
    reject: (error: StatefunError) => void,
  ) {
    this.#context = context
    this.#id = id
    this.#resolve = resolve
    this.#reject = reject
    this.#target = context.target
    this.#body = body
    this.#startedMs = context.clock.now()
    this.#budget = context.budgets.add(this, this.#startedMs)
    this.#begin(this.#startedMs)
  }

  /** The time for all attempts is over, or the time an attempt may go without progress (`reason`). */
  expire(reason: string): void {
    this.#attempt?.cancel(Object.assign(new Error(reason), { code: 'ETIMEDOUT' }))
  }

  /** Ends the call with `error` and lets go of its connection. */
  abort(error: StatefunError): void {
    if (this.#settled) return
    this.#end()
    this.#reject(error)
    this.#attempt?.cancel(error)
  }

  answered(body: Uint8Array): void {
    if (this.#settled) return
    let response: FunctionResponse
    try {
      response = decodeFromFunction(body)
    } catch (cause) {
      this.failed({ kind: 'response' }, new Error(`the answer is no FromFunction message`, { cause }))
      return
    }
    const { clock, observer } = this.#context
    observer.attempt(clock.now() - this.#attemptMs, false)
    this.#end()
    this.#resolve(response)
  }

  failed(failure: AttemptFailure, error: Error): void {
    if (this.#settled) return
    this.#stopAttempt()
    const { type, clock, observer, logger, budgetMs, functionName, target } = this.#context
    const now = clock.now()
    const counts = type === 'async' || failure.kind === 'io'
    observer.attempt(now - this.#attemptMs, counts)
    const decision = decideRetry(type, failure, this.#attempts, now - this.#startedMs, budgetMs)
    if (counts) {
      logger.warn(
        {
          function: functionName,
          id: this.#id,
          url: target.display,
          attempt: this.#attempts,
          attemptMs: Math.round(now - this.#attemptMs),
          ...(decision.action === 'retry' ? { retryInMs: Math.round(decision.afterMs) } : {}),
        },
        `Calling ${functionName} failed: ${describeFailure(failure, error)}`,
      )
    }
    const told = this.#hurried ? (this.#lastFailure ?? { failure, error }) : { failure, error }
    this.#lastFailure = told
    if (decision.action === 'retry') {
      this.#stopTimer = clock.after(decision.afterMs, () => this.#begin(clock.now()))
      return
    }
    this.#giveUp(decision.reason, told)
  }

  redirected(status: number, location: string): void {
    if (this.#settled) return
    const target = this.#target
    const url = URL.parse(location, `${target.origin}${target.path}`)
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
      this.failed({ kind: 'status', status }, new Error(`status ${status} to a place that cannot be called`))
      return
    }
    if (++this.#redirects > MAX_REDIRECTS) {
      this.failed({ kind: 'io' }, new Error(`more than ${MAX_REDIRECTS} redirects`))
      return
    }
    const next =
      target.socketPath !== undefined && url.origin === target.origin
        ? { ...targetOf(url), socketPath: target.socketPath }
        : targetOf(url)
    this.#follow(next, KEEPS_METHOD.has(status))
  }

  displaced(): void {
    if (this.#settled) return
    this.#sendAlone(this.#context.clock.now())
  }

  sent(connection: Connection): void {
    const { reads, writes, clock } = this.#context
    if (reads === undefined || writes === undefined) return
    const socket = connection.socket
    if (socket?.writableNeedDrain !== true) {
      this.#enter(reads, clock.now())
      return
    }
    this.#enter(writes, clock.now())
    this.#readOnceDrained(socket, this.#attempt)
  }

  progressed(): void {
    const { reads, clock } = this.#context
    if (reads !== undefined) this.#enter(reads, clock.now())
  }

  offered(header: string | string[] | undefined): void {
    this.#context.gate?.heard(header)
  }

  received(): void {}

  #begin(nowMs: number): void {
    const { type, budgetMs, clock, gate, target } = this.#context
    this.#stopTimer = undefined
    const remainingMs = budgetMs - (nowMs - this.#startedMs)
    if (type === 'okhttp' && remainingMs <= 0 && this.#lastFailure !== undefined) {
      this.#giveUp('budget-exhausted', this.#lastFailure)
      return
    }
    this.#attempts++
    this.#redirects = 0
    this.#target = target
    this.#attemptMs = nowMs
    this.#hurried = remainingMs < OWN_TIMER_BELOW_MS
    if (this.#hurried) {
      this.#budget.cancel()
      this.#stopTimer = clock.after(attemptTimeoutMs(type, remainingMs, Math.random()), () =>
        this.expire(`no answer in what was left of ${budgetMs} ms`),
      )
    }
    // What failed once goes alone: it may be what brought the others down.
    const member = this.#attempts === 1 ? gate?.join(this, this.#body, nowMs) : undefined
    if (member === undefined) this.#sendAlone(nowMs)
    else this.#attempt = member
  }

  #sendAlone(nowMs: number): void {
    this.#send(this.#context.pool, this.#dispatch(), nowMs)
  }

  #dispatch(): Dispatcher.DispatchOptions {
    const { target, headers } = this.#context
    return { method: 'POST', path: target.path, headers, body: this.#body, idempotent: true, blocking: false }
  }

  /** The request of a redirect; statuses that do not keep the method turn it into a GET without body, as okhttp does. */
  #follow(target: EndpointTarget, keepsMethod: boolean): void {
    const { headers, poolFor, clock } = this.#context
    this.#target = target
    const hostless = headers.filter((_, index) => headers[index - (index % 2)] !== 'host')
    const dispatch: Dispatcher.DispatchOptions = {
      ...this.#dispatch(),
      path: target.path,
      headers: [...hostless, 'host', target.host],
      ...(keepsMethod ? {} : { method: 'GET', body: null }),
    }
    this.#send(poolFor(target), dispatch, clock.now())
  }

  #send(pool: ConnectionPool, dispatch: Dispatcher.DispatchOptions, nowMs: number): void {
    const attempt = new HttpAttempt(dispatch, this.#context.limits, this)
    this.#attempt = attempt
    pool.submit(attempt, nowMs)
  }

  #enter(phase: DeadlineQueue<HttpCall>, nowMs: number): void {
    this.#phase?.cancel()
    this.#phase = phase.add(this, nowMs)
  }

  #readOnceDrained(socket: Socket, attempt: object | undefined): void {
    socket.once('drain', () => {
      if (!this.#settled && this.#attempt === attempt) this.progressed()
    })
  }

  #stopAttempt(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    this.#phase?.cancel()
    this.#phase = undefined
  }

  #giveUp(reason: 'budget-exhausted' | 'refused', { failure, error }: LastFailure): void {
    const { functionName, target, budgetMs } = this.#context
    const [id, url, attempts] = [this.#id, target.display, this.#attempts]
    this.#end()
    this.#reject(giveUpError({ reason, functionName, id, url, attempts, budgetMs, failure, error }))
  }

  #end(): void {
    this.#settled = true
    this.#stopAttempt()
    this.#budget.cancel()
    this.#context.ended(this)
  }
}

/** As okhttp. */
const MAX_REDIRECTS = 20
const KEEPS_METHOD: ReadonlySet<number> = new Set([307, 308])
/** More than the longest least timeout of the async transport. */
const OWN_TIMER_BELOW_MS = 15
