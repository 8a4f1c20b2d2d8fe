import type { InvocationResponse } from '@statefun/protocol'
import type { EgressRef } from '../egress.ts'
import type { FunctionRef } from '../function-ref.ts'
import { EmittedRecord } from './emitted-record.ts'
import type { KnownTypes } from './known-types.ts'
import { SentLater, SentMessage } from './sent-message.ts'

/** What one or several calls caused, in call order. */
export class Effects {
  readonly sends: readonly SentMessage[]
  readonly delayed: readonly SentLater[]
  /** The tokens of cancellations asked for, whether or not something was pending. */
  readonly cancelled: readonly string[]
  readonly egress: readonly EmittedRecord[]

  constructor(responses: readonly InvocationResponse[], known: KnownTypes) {
    const timers = responses.flatMap((response) => response.delayedInvocations)
    this.sends = responses
      .flatMap((response) => response.outgoingMessages)
      .map(({ target, argument }) => new SentMessage(target, argument, known))
    this.delayed = timers
      .filter((timer) => timer.kind === 'send')
      .map((timer) => new SentLater(timer.target, timer.argument, known, timer.delayMs, timer.token))
    this.cancelled = timers.filter((timer) => timer.kind === 'cancel').map((timer) => timer.token)
    this.egress = responses
      .flatMap((response) => response.outgoingEgresses)
      .map((message) => new EmittedRecord(message))
  }

  /** The messages sent at once to a function, to one id when it is given. */
  sentTo(target: FunctionRef<never>, id?: string): readonly SentMessage[] {
    return this.sends.filter((sent) => sent.to === target.typename && (id === undefined || sent.id === id))
  }

  /** The records emitted to an egress. */
  emittedTo(egress: EgressRef<never>): readonly EmittedRecord[] {
    return this.egress.filter((record) => record.egress === egress.typename)
  }
}
