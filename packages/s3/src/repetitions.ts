import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { problemOf, refusalOf, type S3Call, showProblem } from './s3-failure.ts'

export interface RepetitionOptions {
  /** `s3://bucket/prefix` */
  readonly url: string
  readonly bucket: string
  readonly logger: Logger
  /** Milliseconds for which a call is repeated. */
  readonly retryForMs: number
  /** Milliseconds without progress after which an attempt is given up. */
  readonly attemptTimeoutMs: number
}

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000
/** Failures in a row from which it is worth a line in the log; stores answer "slow down" to single calls now and then. */
const OUTAGE_FAILURES = 2

/** One attempt at a call. */
export interface Attempt {
  /** Aborted when the attempt takes too long or nobody waits any more. */
  readonly signal: AbortSignal
  /** Bytes go on: the time for the attempt starts anew. */
  progressed(): void
}

/**
 * Repeats calls until they succeed, with growing pauses. A store that is away is reported once when that begins and once
 * when it is over.
 */
export class Repetitions {
  readonly #options: RepetitionOptions
  readonly #closing = new AbortController()
  #worked = false
  /** When the first failure of the outage was, by the monotonic clock. */
  #outageSince: number | undefined

  constructor(options: RepetitionOptions) {
    this.#options = options
  }

  /** Whether nobody waits any more. */
  get closed(): boolean {
    return this.#closing.signal.aborted
  }

  /** Ends attempts and pauses: their calls reject. */
  close(): void {
    this.#closing.abort()
  }

  /**
   * @param extraMs what an attempt may take besides, for the bytes that it sends
   * @param expected returns an answer for a failure that is one; called with the SDK's error
   * @throws StatefunError what {@link refusalOf} makes of it, `SF_OBJECT_STORE_UNAVAILABLE` when the time for repetitions is
   *   over, `SF_OBJECT_STORE_CLOSED`
   */
  async run<T>(
    operation: string,
    key: string,
    attempt: (attempt: Attempt) => Promise<T>,
    {
      extraMs = 0,
      expected,
    }: { extraMs?: number; expected?: (name: string, status?: number) => T | undefined } = {},
  ): Promise<T> {
    const { bucket, retryForMs } = this.#options
    const call: S3Call = { operation, bucket, key }
    const began = performance.now()
    for (let failures = 1; ; failures++) {
      this.#mustBeOpen(call)
      try {
        const answer = await this.#once(attempt, extraMs)
        this.#answered()
        return answer
      } catch (error) {
        this.#mustBeOpen(call)
        if (error instanceof StatefunError) throw error
        const problem = problemOf(error)
        const answer = expected?.(problem.name, problem.status)
        if (answer !== undefined) {
          this.#answered()
          return answer
        }
        const refusal = refusalOf(problem, call, this.#worked)
        if (refusal !== undefined) throw refusal
        const text = showProblem(problem)
        if (performance.now() - began >= retryForMs) throw this.#unavailable(call, failures, text)
        this.#failed(failures, call, text)
        await this.#pause(failures)
      }
    }
  }

  async #once<T>(attempt: (attempt: Attempt) => Promise<T>, extraMs: number): Promise<T> {
    const { attemptTimeoutMs } = this.#options
    const controller = new AbortController()
    const close = () => controller.abort()
    const late = () => controller.abort(new TimedOut(attemptTimeoutMs))
    this.#closing.signal.addEventListener('abort', close, { once: true })
    let timer = setTimeout(late, attemptTimeoutMs + extraMs)
    try {
      return await attempt({
        signal: controller.signal,
        progressed() {
          clearTimeout(timer)
          timer = setTimeout(late, attemptTimeoutMs)
        },
      })
    } catch (error) {
      throw controller.signal.reason instanceof TimedOut ? controller.signal.reason : error
    } finally {
      clearTimeout(timer)
      this.#closing.signal.removeEventListener('abort', close)
    }
  }

  /** Half of the pause is random: clients that were turned away together do not come back together. */
  async #pause(failures: number): Promise<void> {
    const whole = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS)
    await sleep(whole * (0.5 + Math.random() / 2), undefined, { signal: this.#closing.signal }).catch(
      () => undefined,
    )
  }

  #failed(failures: number, { operation, key }: S3Call, text: string): void {
    if (failures < OUTAGE_FAILURES || this.#outageSince !== undefined) return
    this.#outageSince = performance.now()
    this.#options.logger.warn(
      { store: this.#options.url, operation, key, error: text },
      'the object store does not answer as it should; trying again until it does',
    )
  }

  #answered(): void {
    this.#worked = true
    if (this.#outageSince === undefined) return
    const milliseconds = Math.round(performance.now() - this.#outageSince)
    this.#outageSince = undefined
    this.#options.logger.info({ store: this.#options.url, milliseconds }, 'the object store answers again')
  }

  #unavailable({ operation, bucket, key }: S3Call, attempts: number, text: string): StatefunError {
    return new StatefunError(
      'SF_OBJECT_STORE_UNAVAILABLE',
      `${operation} had no success in ${attempts} attempts: ${text}`,
      { where: `s3://${bucket}/${key}`, hint: 'check that the endpoint can be reached from here' },
    )
  }

  #mustBeOpen({ bucket, key }: S3Call): void {
    if (!this.closed) return
    throw new StatefunError('SF_OBJECT_STORE_CLOSED', 'the object store is closed', {
      where: `s3://${bucket}/${key}`,
    })
  }
}

class TimedOut extends Error {
  override readonly name = 'TimedOut'

  constructor(milliseconds: number) {
    super(`no answer within ${milliseconds} ms`)
  }
}
