import type { AttemptListener } from './http-attempt.ts'
import { MultiCall, type MultiCallContext, MultiCallMember } from './multi-call.ts'
import { MultiCallSupport } from './multi-call-support.ts'

/**
 * Where the calls of one transport meet. Those that are made in one turn of the event loop go together; none waits for
 * company any longer, and one that has none goes alone, as an ordinary request.
 */
export class MultiCallGate {
  readonly #context: MultiCallContext
  /** Most calls at once that the endpoint allows. */
  readonly #mostCalls: number
  #members: MultiCallMember[] = []

  constructor(context: Omit<MultiCallContext, 'support'>, mostCalls: number) {
    this.#context = { ...context, support: new MultiCallSupport() }
    this.#mostCalls = mostCalls
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
    const limits = this.#context.support.limits(this.#context.clock.now()) ?? ALONE
    const mostCalls = Math.min(limits.maxCalls, this.#mostCalls)
    let first = 0
    let bytes = HEAD_BYTES
    for (let index = 0; index < members.length; index++) {
      const size = members[index]!.body.length + HEAD_BYTES
      if (index > first && (index - first === mostCalls || bytes + size > limits.maxBytes)) {
        this.#send(members.slice(first, index))
        first = index
        bytes = HEAD_BYTES
      }
      bytes += size
    }
    if (first < members.length) this.#send(members.slice(first))
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
