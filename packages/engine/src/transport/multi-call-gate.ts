import type { AttemptListener } from './http-attempt.ts'
import { MultiCall, type MultiCallContext, MultiCallMember } from './multi-call.ts'
import { MultiCallSupport } from './multi-call-support.ts'

/**
 * Where the calls of one transport meet. Those that are made in one turn of the event loop go together; none waits for
 * company any longer, and one that has none goes alone, as an ordinary request.
 */
export class MultiCallGate {
  readonly #context: MultiCallContext
  #members: MultiCallMember[] = []

  constructor(context: Omit<MultiCallContext, 'support'>) {
    this.#context = { ...context, support: new MultiCallSupport() }
  }

  /** @param header `MULTI_CALL_HEADER` of a good answer to a call that went alone */
  heard(header: string | string[] | undefined): void {
    this.#context.support.heard(header)
  }

  /** Undefined when the call has to go alone. */
  join(listener: AttemptListener, body: Uint8Array, nowMs: number): MultiCallMember | undefined {
    const limits = this.#context.support.limits(nowMs)
    if (limits === undefined || body.length > limits.maxBytes / 2) return undefined
    const member = new MultiCallMember(listener, body)
    if (this.#members.length === 0) queueMicrotask(this.#leave)
    this.#members.push(member)
    return member
  }

  readonly #leave = (): void => {
    const members = this.#members.filter(({ isSettled }) => !isSettled)
    this.#members = []
    const { support, clock, pool } = this.#context
    const { maxCalls, maxBytes } = support.limits(clock.now()) ?? ALONE
    for (let first = 0; first < members.length; ) {
      // What does not fit under the endpoint's limit waits for its places one by one, not for as many at once.
      const end = Math.min(members.length, first + Math.max(1, Math.min(maxCalls, pool.room)))
      let next = first
      let bytes = HEAD_BYTES
      do {
        bytes += members[next]!.body.length + HEAD_BYTES
        next++
      } while (next < end && bytes + members[next]!.body.length + HEAD_BYTES <= maxBytes)
      this.#send(members.slice(first, next))
      first = next
    }
  }

  #send(members: readonly MultiCallMember[]): void {
    const [only] = members
    if (members.length > 1) new MultiCall(this.#context, members)
    else if (only !== undefined && !only.isSettled) {
      only.isSettled = true
      only.listener.displaced()
    }
  }
}

const ALONE = { maxCalls: 1, maxBytes: 0 }
/** More than what surrounds a call in the body. */
const HEAD_BYTES = 8
