import { type Clock, type Logger, Outage } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { isThrottling, problemOf, refusalOf, showProblem } from '../client/kinesis-failure.ts'
import { type StreamRef, streamKey } from './kinesis-reads.ts'

/** What to do about a call that failed. */
export type Verdict =
  /** Too many calls. */
  | { readonly what: 'throttled' }
  /** The iterator has to be asked for again. */
  | { readonly what: 'expired' }
  /** There is no such stream, or no such shard in it. */
  | { readonly what: 'missing'; readonly error: StatefunError }
  /** No repetition mends it; with `renew` it is the iterator that is refused. */
  | { readonly what: 'fatal'; readonly error: StatefunError; readonly renew: boolean }
  /** It may pass: try again after a pause. */
  | { readonly what: 'passing' }

/** Judges failed calls of one stream, and tells the log when a trouble begins and when it is over. */
export class ReadFailures {
  readonly #ingress: string
  readonly #stream: string
  readonly #outage: Outage
  #worked = false

  constructor(ingress: string, stream: StreamRef, logger: Logger) {
    this.#ingress = ingress
    this.#stream = streamKey(stream)
    this.#outage = new Outage(logger, { ingress, stream: this.#stream })
  }

  /** A call was answered. */
  answered(): void {
    this.#worked = true
    this.#outage.ended(`stream ${this.#stream} of ingress ${this.#ingress} can be read again`)
  }

  /** @param shard where it happened, when it concerns one */
  judge(error: unknown, operation: string, shard?: string): Verdict {
    if (error instanceof StatefunError) return { what: 'fatal', error, renew: false }
    const problem = problemOf(error)
    if (problem.name === 'ExpiredIteratorException') return { what: 'expired' }
    if (isThrottling(problem)) return { what: 'throttled' }
    const call = { operation, owner: `ingress ${this.#ingress}`, stream: this.#stream }
    const refusal = refusalOf(problem, call, this.#worked)
    if (refusal !== undefined) {
      const located = shard === undefined ? refusal : locate(refusal, shard)
      if (problem.name === 'ResourceNotFoundException') return { what: 'missing', error: located }
      const renew = operation === 'GetRecords' && problem.name === 'InvalidArgumentException'
      return { what: 'fatal', error: located, renew }
    }
    const text = showProblem(problem)
    this.#outage.began(
      `stream ${this.#stream} of ingress ${this.#ingress} cannot be read: ${text}; trying again`,
    )
    return { what: 'passing' }
  }
}

function locate(error: StatefunError, shard: string): StatefunError {
  return new StatefunError(error.code, error.message, {
    where: `${error.where ?? ''}, shard [${shard}]`,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  })
}

/** Waits of a call that may pass, in milliseconds. */
export const FIRST_RETRY_MS = 100
export const LONGEST_RETRY_MS = 5000

/** A shard that is listed and not found so often in a row is no passing matter. */
export const MISSING_TRIES = 8

/** Milliseconds after which the start of an ingress gives up: the engine then starts again. */
export const START_TIMEOUT_MS = 60_000

/** @returns the time by `clock` at which a start gives up */
export function startDeadline(clock: Clock): number {
  return clock.monotonic() + START_TIMEOUT_MS
}
