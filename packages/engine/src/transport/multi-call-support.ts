import { type MultiCallLimits, parseMultiCallOffer } from '@statefun/protocol'

/**
 * Whether the servers behind an endpoint take several calls in one request, as far as their answers tell. Behind one URL
 * there may be several, of different versions. Pure: the caller passes the time.
 */
export class MultiCallSupport {
  #header: string | string[] | undefined
  #limits: MultiCallLimits | undefined
  #doubtedUntilMs = 0
  #pauseMs = 0

  /** What may be sent at once now; undefined when calls go one by one. */
  limits(nowMs: number): MultiCallLimits | undefined {
    return nowMs < this.#doubtedUntilMs ? undefined : this.#limits
  }

  /** @param header that of a good answer to a call that went alone */
  heard(header: string | string[] | undefined): void {
    if (header === this.#header) return
    this.#header = header
    const offer = parseMultiCallOffer(header)
    this.#limits = offer && {
      maxCalls: Math.min(offer.maxCalls, MOST_CALLS),
      maxBytes: Math.min(offer.maxBytes, MOST_BYTES),
    }
  }

  /** Several calls in one request were answered as they should be. */
  worked(): void {
    this.#pauseMs = 0
  }

  /** A server did not understand: for a while none is asked, however many others offer it. */
  refused(nowMs: number): void {
    this.#header = undefined
    this.#limits = undefined
    this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS)
    this.#doubtedUntilMs = nowMs + this.#pauseMs
  }
}

/** Enough to make what a request costs small beside its calls; more would only make the first of them wait. */
const MOST_CALLS = 128
const MOST_BYTES = 262_144

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000
