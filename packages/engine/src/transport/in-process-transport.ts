import {
  type FunctionResponse,
  type InvocableFunction,
  type InvocationBatch,
  StatefunError,
} from '@statefun/protocol'
import type { Logger } from '../logger.ts'
import { type Deadline, DeadlineQueue } from './deadline-queue.ts'
import { decideRetry } from './retry-policy.ts'
import type { AttemptObserver, Transport } from './transport.ts'
import { systemTransportClock, type TransportClock } from './transport-clock.ts'

export interface InProcessTransportOptions {
  readonly fn: InvocableFunction
  /** Milliseconds for a call with all its attempts, as `transport.call` of the endpoint. */
  readonly callMs: number
  readonly observer: AttemptObserver
  readonly logger: Logger
  readonly clock?: TransportClock
}

interface Call {
  readonly batch: InvocationBatch
  readonly beganMs: number
  readonly resolve: (response: FunctionResponse) => void
  readonly reject: (error: StatefunError) => void
  attempts: number
  lastError: unknown
  settled: boolean
  deadline: Deadline | undefined
  cancelBackoff: (() => void) | undefined
}

/**
 * Calls a function in this process, without HTTP and without encoding a batch. What holds for a remote function holds
 * here: values arrive as bytes and are decoded for the handler, effects count only when the whole batch succeeded, a
 * handler that throws is tried again within the call's budget (contract 1.3, 1.6).
 */
export class InProcessTransport implements Transport {
  readonly concurrency = Number.POSITIVE_INFINITY
  readonly #options: InProcessTransportOptions
  readonly #clock: TransportClock
  readonly #calls = new Set<Call>()
  readonly #deadlines: DeadlineQueue<Call>

  constructor(options: InProcessTransportOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemTransportClock
    this.#deadlines = new DeadlineQueue(options.callMs, this.#clock, (call) => {
      this.#giveUp(call, call.lastError ?? new Error('the handler did not settle'))
    })
  }

  invoke(batch: InvocationBatch): FunctionResponse | Promise<FunctionResponse> {
    try {
      const response = this.#options.fn.invoke(batch)
      return response instanceof Promise ? this.#follow(batch, response) : response
    } catch (error) {
      return this.#follow(batch, Promise.reject(error))
    }
  }

  async close(): Promise<void> {
    const closed = new StatefunError('SF_TRANSPORT_CLOSED', 'the engine is stopping', {
      where: this.#options.fn.typename,
    })
    for (const call of this.#calls) this.#settle(call, () => call.reject(closed))
    this.#deadlines.clear()
  }

  #follow(batch: InvocationBatch, first: Promise<FunctionResponse>): Promise<FunctionResponse> {
    return new Promise((resolve, reject) => {
      const beganMs = this.#clock.now()
      const call: Call = {
        batch,
        beganMs,
        resolve,
        reject,
        attempts: 1,
        lastError: undefined,
        settled: false,
        deadline: undefined,
        cancelBackoff: undefined,
      }
      call.deadline = this.#deadlines.add(call, beganMs)
      this.#calls.add(call)
      this.#await(call, first, beganMs)
    })
  }

  #await(call: Call, attempt: Promise<FunctionResponse>, attemptBeganMs: number): void {
    const { observer } = this.#options
    attempt.then(
      (response) => {
        observer.attempt(this.#clock.now() - attemptBeganMs, false)
        this.#settle(call, () => call.resolve(response))
      },
      (error: unknown) => {
        observer.attempt(this.#clock.now() - attemptBeganMs, true)
        this.#retry(call, error)
      },
    )
  }

  #retry(call: Call, error: unknown): void {
    if (call.settled) return
    const { fn, callMs, logger } = this.#options
    call.lastError = error
    const decision = decideRetry(
      'async',
      { kind: 'handler' },
      call.attempts,
      this.#clock.now() - call.beganMs,
      callMs,
    )
    logger.warn(
      {
        function: fn.typename,
        id: call.batch.target.id,
        batchSize: call.batch.invocations.length,
        attempt: call.attempts,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      },
      'function invocation failed',
    )
    if (decision.action === 'give-up') {
      this.#giveUp(call, error)
      return
    }
    call.cancelBackoff = this.#clock.after(decision.afterMs, () => {
      call.attempts++
      const began = this.#clock.now()
      let attempt: FunctionResponse | Promise<FunctionResponse>
      try {
        attempt = fn.invoke(call.batch)
      } catch (thrown) {
        attempt = Promise.reject(thrown)
      }
      this.#await(call, Promise.resolve(attempt), began)
    })
  }

  #giveUp(call: Call, cause: unknown): void {
    const { fn, callMs } = this.#options
    const reason = cause instanceof Error ? cause.message : String(cause)
    const error = new StatefunError(
      'SF_TRANSPORT_BUDGET_EXHAUSTED',
      `the function failed ${call.attempts} times in ${callMs} ms, the last time with: ${reason}`,
      {
        where: `${fn.typename} id [${call.batch.target.id}]`,
        hint: 'mend the function; failurePolicy of its endpoint says what happens to such messages',
        cause,
      },
    )
    this.#settle(call, () => call.reject(error))
  }

  #settle(call: Call, deliver: () => void): void {
    if (call.settled) return
    call.settled = true
    call.deadline?.cancel()
    call.cancelBackoff?.()
    this.#calls.delete(call)
    deliver()
  }
}
