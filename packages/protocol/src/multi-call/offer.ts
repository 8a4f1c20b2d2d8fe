/** How much one request with several calls may hold. */
export interface MultiCallLimits {
  readonly maxCalls: number
  /** Of the whole body. */
  readonly maxBytes: number
}

/** Content type of a request with several calls, and of its answer. */
export const MULTI_CALL_TYPE = 'application/vnd.statefun.multi-call'

/** Header of ordinary answers by which a server offers to take several calls in one request. */
export const MULTI_CALL_HEADER = 'statefun-multi-call'

/** No index of an answer's frame is larger. */
const MOST_CALLS = 0xffff

/**
 * The value of {@link MULTI_CALL_HEADER}: the version, and the limits.
 *
 * @example formatMultiCallOffer({ maxCalls: 256, maxBytes: 1048576 }) // '1; calls=256; bytes=1048576'
 */
export function formatMultiCallOffer({ maxCalls, maxBytes }: MultiCallLimits): string {
  return `1; calls=${maxCalls}; bytes=${maxBytes}`
}

/** Undefined when nothing is offered that this version understands. */
export function parseMultiCallOffer(
  header: string | readonly string[] | undefined,
): MultiCallLimits | undefined {
  const match = typeof header === 'string' ? OFFER.exec(header) : null
  if (match === null) return undefined
  const maxCalls = Math.min(Number(match[1]), MOST_CALLS)
  const maxBytes = Number(match[2])
  return maxCalls > 0 && maxBytes > 0 ? { maxCalls, maxBytes } : undefined
}

const OFFER = /^1; calls=(\d{1,9}); bytes=(\d{1,15})$/
