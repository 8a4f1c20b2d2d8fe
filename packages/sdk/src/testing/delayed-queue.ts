import { type Address, type DelayedInvocation, StatefunError, type TypedValue } from '@statefun/protocol'

/** A delayed message that waits for its time. */
export interface DelayedMessage {
  readonly dueAt: number
  readonly caller: Address
  readonly target: Address
  readonly argument: TypedValue
  readonly token: string | undefined
}

/** Delayed messages in virtual time; tokens are scoped to the sender's id as in the runtime (contract 5.4). */
export class DelayedQueue {
  #messages: DelayedMessage[] = []

  /** In the order of delivery. */
  get messages(): readonly DelayedMessage[] {
    return this.#messages
  }

  /** @throws StatefunError `SF_SDK_TEST_TOKEN_PENDING` where the runtime would fail the job */
  apply(sender: Address, effect: DelayedInvocation, now: number): void {
    const { token } = effect
    const pending = this.#messages.find(
      (message) => token !== undefined && message.token === token && message.caller.id === sender.id,
    )
    if (effect.kind === 'cancel') {
      this.#messages = this.#messages.filter((message) => message !== pending)
      return
    }
    if (pending !== undefined) {
      throw new StatefunError('SF_SDK_TEST_TOKEN_PENDING', `the token "${token}" is still pending`, {
        where: `id [${sender.id}]`,
        hint: 'Flink fails the job here: cancel the pending message before the token is used again',
      })
    }
    const dueAt = now + effect.delayMs
    const { target, argument } = effect
    const later = this.#messages.findIndex((message) => message.dueAt > dueAt)
    const at = later === -1 ? this.#messages.length : later
    this.#messages.splice(at, 0, { dueAt, caller: sender, target, argument, token })
  }

  /** Takes out the next message that is due at `time` or before. */
  takeDue(time: number): DelayedMessage | undefined {
    const first = this.#messages[0]
    return first === undefined || first.dueAt > time ? undefined : this.#messages.shift()
  }
}
