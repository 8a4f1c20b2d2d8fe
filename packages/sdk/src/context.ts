import type { Address } from '@statefun/protocol'
import type { Duration } from './duration.ts'
import type { EgressRef } from './egress.ts'
import type { FunctionRef } from './function-ref.ts'
import type { HeadersInput, MessageHeaders } from './headers.ts'
import type { Message } from './message.ts'
import type { NoState, StateDeclarations, StateView } from './state-declaration.ts'
import type { AnyValueType } from './value-type.ts'

/** Options of {@link Context.send}. */
export interface SendOptions {
  /** Which of the accepted types to encode with; needed only when the value could be several of them. */
  readonly type?: AnyValueType
  /** Transport headers; dropped by runtimes that do not know them (contract 1.1). */
  readonly headers?: HeadersInput
}

/** Options of {@link Context.sendAfter}. */
export interface SendAfterOptions extends SendOptions {
  /**
   * Non-empty text by which the message can be cancelled while it is pending. Scoped to the sender's id over all function
   * types; using one that is still pending fails the Flink job (contract 5.4).
   */
  readonly token?: string
}

/**
 * What a handler can see and do during one invocation. Effects are kept until the whole batch has succeeded; when any
 * handler of the batch throws, none of them happens (contract 1.3).
 *
 * Every use after the handler has returned, or after its promise has settled, throws `SF_SDK_LATE_EFFECT`.
 */
export interface Context<S extends StateDeclarations = NoState> {
  /** The address this invocation is for. */
  readonly self: Address
  /** Who sent the message; undefined when it came from an ingress. */
  readonly caller: Address | undefined
  readonly message: Message
  /** The headers of the message; same as `message.headers`. */
  readonly headers: MessageHeaders
  /** The declared states of this address; see {@link StateView}. */
  readonly state: StateView<S>

  /**
   * Sends a value to a function.
   *
   * @throws StatefunError `SF_SDK_VALUE_MISSING`, `SF_SDK_VALUE_INVALID`, `SF_SDK_TYPE_AMBIGUOUS`, `SF_SDK_TYPE_NOT_ACCEPTED`,
   *   `SF_SDK_ID_INVALID`, `SF_SDK_HEADER_INVALID`, `SF_SDK_LATE_EFFECT`
   * @example ctx.send(greeter, 'alice', { name: 'Alice' })
   */
  send<In>(target: FunctionRef<In>, id: string, value: NoInfer<In>, options?: SendOptions): void

  /**
   * Sends a value to a function after a delay, counted from when the runtime gets the answer of this batch.
   *
   * @param delay whole milliseconds >= 0, or text such as `'5 min'`
   * @throws StatefunError as {@link Context.send}, and `SF_DURATION_INVALID`, `SF_SDK_TOKEN_INVALID`
   * @example ctx.sendAfter('5 min', reminder, 'alice', { text: 'still there?' }, { token: 'reminder' })
   */
  sendAfter<In>(
    delay: Duration,
    target: FunctionRef<In>,
    id: string,
    value: NoInfer<In>,
    options?: SendAfterOptions,
  ): void

  /**
   * Cancels the pending delayed message that was sent under this id with `token`; no effect when there is none.
   *
   * @throws StatefunError `SF_SDK_TOKEN_INVALID`, `SF_SDK_LATE_EFFECT`
   */
  cancel(token: string): void

  /**
   * Sends a received message on as it is: same type, same bytes, same headers (contract 3.6).
   *
   * @throws StatefunError `SF_SDK_TYPE_NOT_ACCEPTED` when the target declares types and this is none of them,
   *   `SF_SDK_ID_INVALID`, `SF_SDK_LATE_EFFECT`
   */
  forward(target: FunctionRef<never>, id: string, message: Message): void

  /**
   * Sends a record to an egress.
   *
   * @throws StatefunError `SF_SDK_RECORD_INVALID`, `SF_SDK_VALUE_MISSING`, `SF_SDK_VALUE_INVALID`,
   *   `SF_SDK_VALUE_WITHOUT_TYPE`, `SF_SDK_HEADER_INVALID`, `SF_SDK_LATE_EFFECT`
   * @example ctx.emit(results, { topic: 'counter.results', key: ctx.self.id, value: { total } })
   */
  emit<Rec>(egress: EgressRef<Rec>, record: NoInfer<Rec>): void
}
