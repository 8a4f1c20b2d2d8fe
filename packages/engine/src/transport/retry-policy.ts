/** The two transport types of module.yaml, short. */
export type TransportType = 'async' | 'okhttp'

/**
 * Why an attempt failed.
 *
 * - `io`: connecting, waiting for a connection, a disconnect, a timeout of the attempt
 * - `status`: a status that is not 2xx
 * - `response`: a 2xx whose content type or body is wrong, or that is too large
 * - `handler`: a function in this process threw
 */
export type AttemptFailure =
  | { readonly kind: 'io' }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'response' }
  | { readonly kind: 'handler' }

/** What to do after a failed attempt. */
export type RetryDecision =
  | { readonly action: 'retry'; readonly afterMs: number }
  | { readonly action: 'give-up'; readonly reason: 'budget-exhausted' | 'refused' }

/**
 * Decides about the next attempt of a call (contract 1.6). Pure: the caller owns the clock.
 *
 * @param attempts attempts made so far, the failed one included: at least 1
 * @param elapsedMs since the call began, backoff and waiting for connections included
 * @param budgetMs `call` of the transport
 *
 * @example
 * decideRetry('async', { kind: 'status', status: 404 }, 1, 12, 60_000) // retry after 4 ms
 * decideRetry('okhttp', { kind: 'status', status: 404 }, 1, 12, 60_000) // give up: refused
 */
export function decideRetry(
  type: TransportType,
  failure: AttemptFailure,
  attempts: number,
  elapsedMs: number,
  budgetMs: number,
): RetryDecision {
  const remainingMs = budgetMs - elapsedMs
  if (type === 'async') {
    if (remainingMs <= ASYNC_LEAST_REMAINING_MS) return BUDGET_EXHAUSTED
    return { action: 'retry', afterMs: Math.min(ASYNC_BACKOFF_MS * 2 ** attempts, remainingMs) }
  }
  if (!isRetriedByOkHttp(failure)) return REFUSED
  if (remainingMs <= 0) return BUDGET_EXHAUSTED
  return { action: 'retry', afterMs: Math.min(OKHTTP_BACKOFF_MS * 2 ** (attempts - 1), remainingMs) }
}

/**
 * How long the next attempt may take. The async transport lets it have all that is left, yet at least 7 to 13 ms, so that
 * the attempt after a capped backoff is a real one (contract 1.6).
 *
 * @param jitter in [0, 1), such as `Math.random()`
 */
export function attemptTimeoutMs(type: TransportType, remainingMs: number, jitter: number): number {
  if (type === 'okhttp') return Math.max(remainingMs, 0)
  return Math.max(remainingMs, ASYNC_LEAST_TIMEOUT_MS + jitter * ASYNC_TIMEOUT_JITTER_MS)
}

function isRetriedByOkHttp(failure: AttemptFailure): boolean {
  if (failure.kind === 'status') return failure.status >= 500 || OKHTTP_RETRIED_STATUS.has(failure.status)
  return failure.kind !== 'response'
}

const ASYNC_BACKOFF_MS = 2
const ASYNC_LEAST_REMAINING_MS = 1
const ASYNC_LEAST_TIMEOUT_MS = 7
const ASYNC_TIMEOUT_JITTER_MS = 6
const OKHTTP_BACKOFF_MS = 10
const OKHTTP_RETRIED_STATUS: ReadonlySet<number> = new Set([408, 409, 420, 429, 499])

const BUDGET_EXHAUSTED: RetryDecision = { action: 'give-up', reason: 'budget-exhausted' }
const REFUSED: RetryDecision = { action: 'give-up', reason: 'refused' }
