import { type Address, StatefunError, type TypedValue } from '@statefun/protocol'
import type { BatchRun } from './batch-run.ts'
import type { Context, SendAfterOptions, SendOptions } from './context.ts'
import { type Duration, parseDuration } from './duration.ts'
import type { EgressRef } from './egress.ts'
import { encodeArgument, requireAccepted } from './encode-argument.ts'
import type { FunctionRef } from './function-ref.ts'
import { encodeHeaders, type MessageHeaders } from './headers.ts'
import { lateEffect } from './late-effect.ts'
import { Message } from './message.ts'
import type { StateDeclarations, StateView } from './state-declaration.ts'

/**
 * One context per invocation, not per batch: a continuation left behind by an earlier invocation must neither see the
 * caller of a later one nor add to its effects (contract 3.5, flaws 4 and 7).
 */
export class InvocationContext implements Context {
  readonly caller: Address | undefined
  readonly message: Message
  readonly #run: BatchRun
  #state: StateView<StateDeclarations> | undefined

  constructor(run: BatchRun, caller: Address | undefined, message: Message) {
    this.caller = caller
    this.message = message
    this.#run = run
  }

  get self(): Address {
    return this.#run.target
  }

  get headers(): MessageHeaders {
    return this.message.headers
  }

  get state(): StateView<StateDeclarations> {
    this.#state ??= new this.#run.States(this.#run, this)
    return this.#state
  }

  send<In>(target: FunctionRef<In>, id: string, value: In, options?: SendOptions): void {
    const run = this.#open('send')
    run.send({ target: toAddress(target, id), argument: toArgument(target, value, options) })
  }

  sendAfter<In>(
    delay: Duration,
    target: FunctionRef<In>,
    id: string,
    value: In,
    options?: SendAfterOptions,
  ): void {
    const run = this.#open('sendAfter')
    const token = options?.token
    if (token !== undefined) requireToken(token)
    run.delay({
      kind: 'send',
      delayMs: parseDuration(delay),
      target: toAddress(target, id),
      argument: toArgument(target, value, options),
      token,
    })
  }

  cancel(token: string): void {
    const run = this.#open('cancel')
    requireToken(token)
    run.delay({ kind: 'cancel', token })
  }

  forward(target: FunctionRef<never>, id: string, message: Message): void {
    const run = this.#open('forward')
    if (target.accepts !== undefined) requireAccepted(target, target.accepts, message.typename)
    run.send({ target: toAddress(target, id), argument: Message.argumentOf(message) })
  }

  emit<Rec>(egress: EgressRef<Rec>, record: Rec): void {
    const run = this.#open('emit')
    run.emit({
      egressNamespace: egress.namespace,
      egressType: egress.name,
      argument: egress.encode(record),
    })
  }

  #open(action: string): BatchRun {
    const run = this.#run
    if (run.active !== this) throw lateEffect(this.self, action)
    return run
  }
}

function toAddress(target: FunctionRef<never>, id: string): Address {
  if (typeof id !== 'string') {
    throw new StatefunError('SF_SDK_ID_INVALID', `the id for ${target.typename} is a ${typeof id}`, {
      hint: 'ids are text; convert with String(id)',
    })
  }
  return { namespace: target.namespace, type: target.name, id }
}

function toArgument<In>(target: FunctionRef<In>, value: In, options: SendOptions | undefined): TypedValue {
  return encodeArgument(target, value, options?.type, encodeHeaders(options?.headers))
}

function requireToken(token: string): void {
  if (typeof token === 'string' && token !== '') return
  throw new StatefunError('SF_SDK_TOKEN_INVALID', 'a cancellation token is non-empty text', {
    hint: 'leave the token out when the message is never cancelled',
  })
}
