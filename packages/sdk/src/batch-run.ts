import {
  type Address,
  type DelayedInvocation,
  type EgressMessage,
  formatAddress,
  type InvocationResponse,
  type OutgoingMessage,
} from '@statefun/protocol'
import type { BatchState } from './batch-state.ts'
import type { Logger } from './logger.ts'
import type { StateViewClass } from './state-view.ts'

const NO_MESSAGES: readonly OutgoingMessage[] = []
const NO_DELAYED: readonly DelayedInvocation[] = []
const NO_EGRESSES: readonly EgressMessage[] = []

/** What the invocations of one batch have in common: the state and the effects so far, in call order. */
export class BatchRun {
  readonly target: Address
  readonly state: BatchState
  /** Makes `ctx.state`. */
  readonly States: StateViewClass
  /** The invocation whose handler is running; effects of any other are late. */
  active: object | undefined
  readonly #logger: Logger
  #messages: OutgoingMessage[] | undefined
  #delayed: DelayedInvocation[] | undefined
  #egresses: EgressMessage[] | undefined
  #tokens: Set<string> | undefined

  constructor(target: Address, state: BatchState, States: StateViewClass, logger: Logger) {
    this.target = target
    this.state = state
    this.States = States
    this.#logger = logger
  }

  send(message: OutgoingMessage): void {
    if (this.#messages === undefined) this.#messages = [message]
    else this.#messages.push(message)
  }

  delay(effect: DelayedInvocation): void {
    if (effect.kind === 'cancel') this.#tokens?.delete(effect.token)
    else if (effect.token !== undefined) this.#remember(effect.token)
    if (this.#delayed === undefined) this.#delayed = [effect]
    else this.#delayed.push(effect)
  }

  emit(message: EgressMessage): void {
    if (this.#egresses === undefined) this.#egresses = [message]
    else this.#egresses.push(message)
  }

  /** @throws StatefunError `SF_SDK_STATE_VALUE` */
  response(): InvocationResponse {
    return {
      kind: 'response',
      outgoingMessages: this.#messages ?? NO_MESSAGES,
      delayedInvocations: this.#delayed ?? NO_DELAYED,
      outgoingEgresses: this.#egresses ?? NO_EGRESSES,
      stateMutations: this.state.mutations(),
    }
  }

  #remember(token: string): void {
    this.#tokens ??= new Set()
    if (this.#tokens.has(token)) {
      this.#logger.warn(
        { address: formatAddress(this.target), token },
        'a delayed message reuses the token of one that is still pending; Flink fails the job (contract 5.4): cancel it first',
      )
    }
    this.#tokens.add(token)
  }
}
