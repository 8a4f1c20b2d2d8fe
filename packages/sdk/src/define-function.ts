import {
  type FunctionResponse,
  formatAddress,
  type InvocableFunction,
  type Invocation,
  type InvocationBatch,
  nearestName,
  parseTypename,
  StatefunError,
  type StateSpec,
  type TypedValue,
} from '@statefun/protocol'
import { BatchRun } from './batch-run.ts'
import { BatchState } from './batch-state.ts'
import type { Context } from './context.ts'
import { listTypes } from './encode-argument.ts'
import { checkAccepts, type FunctionRef, type SendableTo } from './function-ref.ts'
import { InvocationContext } from './invocation-context.ts'
import { consoleLogger, type Logger } from './logger.ts'
import { Message } from './message.ts'
import { type CompiledSlot, compileSlots, type NoState, type StateDeclarations } from './state-declaration.ts'
import { type StateViewClass, stateViewClass } from './state-view.ts'
import type { AnyValueType, OutputOf, ValueType } from './value-type.ts'

/** What a handler gets as its value: the decoded value of an accepted type, or the {@link Message} when none is declared. */
export type HandledValue<A extends readonly AnyValueType[] | undefined> = A extends readonly AnyValueType[]
  ? OutputOf<A[number]>
  : Message

/** What {@link defineFunction} takes. */
export interface FunctionOptions<S extends StateDeclarations, A extends readonly AnyValueType[] | undefined> {
  /** `<namespace>/<name>`, as module.yaml and other functions name it. */
  readonly type: string
  /** The states kept per id: types by name, or {@link value} with options. Without it the function is stateless. */
  readonly state?: S
  /** The types of messages the handler takes; without it the handler gets every {@link Message} undecoded. */
  readonly accepts?: A
  /** What happens to a message of another type: `fail` (default) fails the batch, `ignore` drops the message. */
  readonly otherTypes?: 'fail' | 'ignore'
  /** Where warnings go; JSON lines on standard error by default. */
  readonly logger?: Logger
  /**
   * Called once per message, strictly one after another for one id. What it returns is awaited when it is a promise or any
   * other thenable and otherwise ignored.
   */
  readonly handle: (ctx: Context<S>, value: HandledValue<A>, message: Message) => void | PromiseLike<void>
}

/** A stateful function: can be served, run by the embedded engine, tested, and sent messages to. */
export interface StatefulFunction<in In, S extends StateDeclarations = StateDeclarations>
  extends InvocableFunction,
    FunctionRef<In> {
  readonly typename: string
  readonly state: S
}

/** The options without their relations, which only matter to the author. */
type AnyFunctionOptions = Omit<FunctionOptions<StateDeclarations, readonly AnyValueType[]>, 'handle'> & {
  readonly handle: (ctx: InvocationContext, value: unknown, message: Message) => unknown
}

const KNOWN_OPTIONS = ['type', 'state', 'accepts', 'otherTypes', 'logger', 'handle']

/**
 * Defines a stateful function. Everything that can be checked without a message is checked here.
 *
 * @throws StatefunError `SF_TYPENAME_INVALID`, `SF_SDK_STATE_NAME`, `SF_SDK_STATE_DECLARATION`,
 *   `SF_SDK_ACCEPTS_INVALID`, `SF_SDK_HANDLER_MISSING`,
 *   `SF_SDK_OPTION_UNKNOWN`, `SF_SDK_OPTION_INVALID`
 * @example
 * const counter = defineFunction({
 *   type: 'example/counter',
 *   state: { total: types.long },
 *   accepts: [types.long],
 *   handle(ctx, delta) {
 *     ctx.state.total = (ctx.state.total ?? 0n) + delta
 *   },
 * })
 */
export function defineFunction<
  const S extends StateDeclarations = NoState,
  const A extends readonly AnyValueType[] | undefined = undefined,
>(options: FunctionOptions<S, A>): StatefulFunction<SendableTo<A>, S> {
  return new DefinedFunction<SendableTo<A>, S>(
    options as unknown as AnyFunctionOptions & { readonly state?: S },
  )
}

class DefinedFunction<In, S extends StateDeclarations> implements StatefulFunction<In, S> {
  readonly typename: string
  readonly namespace: string
  readonly name: string
  readonly state: S
  readonly accepts: readonly AnyValueType[] | undefined
  readonly stateSpecs: readonly StateSpec[]
  readonly #slots: readonly CompiledSlot[]
  readonly #slotIndex: ReadonlyMap<string, number>
  readonly #States: StateViewClass
  readonly #acceptedBy: ReadonlyMap<string, ValueType<unknown, never>>
  #lastTypename = ''
  #lastType: ValueType<unknown, never> | undefined
  readonly #logger: Logger
  readonly #options: AnyFunctionOptions

  constructor(options: AnyFunctionOptions & { readonly state?: S }) {
    const { namespace, name } = parseTypename(options.type)
    this.typename = options.type
    this.namespace = namespace
    this.name = name
    checkOptions(options)
    checkAccepts(options.type, options.accepts)
    this.state = options.state ?? ({} as S)
    this.accepts = options.accepts
    this.#slots = compileSlots(options.type, this.state)
    this.stateSpecs = this.#slots.map(({ spec }) => spec)
    this.#slotIndex = new Map(this.#slots.map((slot, index) => [slot.name, index]))
    this.#States = stateViewClass(this.#slots)
    this.#acceptedBy = new Map((options.accepts ?? []).map((type) => [type.typename, type]))
    this.#logger = options.logger ?? consoleLogger
    this.#options = options
  }

  invoke(batch: InvocationBatch): FunctionResponse | Promise<FunctionResponse> {
    const state = new BatchState(batch.target, this.#slots)
    const missing = state.receive(batch.state, this.#slotIndex)
    if (missing !== undefined) return { kind: 'incomplete', missing: missing.map((slot) => slot.spec) }
    const run = new BatchRun(batch.target, state, this.#States, this.#logger)
    const { invocations } = batch
    for (let index = 0; index < invocations.length; index++) {
      const pending = this.#call(run, invocations[index]!)
      if (pending !== undefined) return this.#continue(run, invocations, index, pending)
    }
    return run.response()
  }

  async #continue(
    run: BatchRun,
    invocations: readonly Invocation[],
    from: number,
    first: PromiseLike<unknown>,
  ): Promise<FunctionResponse> {
    let pending: PromiseLike<unknown> | undefined = first
    for (let index = from; ; ) {
      try {
        await pending
      } finally {
        run.active = undefined
      }
      do {
        if (++index >= invocations.length) return run.response()
        pending = this.#call(run, invocations[index]!)
      } while (pending === undefined)
    }
  }

  /** Runs one handler; what it returns is undefined when the invocation is already over. */
  #call(run: BatchRun, invocation: Invocation): PromiseLike<unknown> | undefined {
    const { argument } = invocation
    const message = new Message(argument)
    let value: unknown = message
    if (this.accepts !== undefined) {
      const type = this.#acceptedType(argument.typename)
      if (type === undefined) {
        if (this.#options.otherTypes === 'ignore') return undefined
        requireValue(run, argument)
        throw this.#notAccepted(run, message)
      }
      requireValue(run, argument)
      value = Message.decode(message, type)
    } else {
      requireValue(run, argument)
    }
    const context = new InvocationContext(run, invocation.caller, message)
    run.active = context
    let returned: unknown
    try {
      returned = this.#options.handle(context, value, message)
    } catch (error) {
      run.active = undefined
      throw error
    }
    if (isThenable(returned)) return returned
    run.active = undefined
    return undefined
  }

  /** Most messages are of the type of the one before, and then even share the string. */
  #acceptedType(typename: string): ValueType<unknown, never> | undefined {
    if (typename !== this.#lastTypename) {
      this.#lastTypename = typename
      this.#lastType = this.#acceptedBy.get(typename)
    }
    return this.#lastType
  }

  #notAccepted(run: BatchRun, message: Message): StatefunError {
    return new StatefunError('SF_SDK_MESSAGE_NOT_ACCEPTED', `a ${message.typename} came`, {
      where: formatAddress(run.target),
      hint: `the function accepts ${listTypes(this.accepts ?? [])}; set otherTypes: 'ignore' to drop other messages`,
    })
  }
}

function requireValue(run: BatchRun, argument: TypedValue): void {
  if (argument.hasValue) return
  throw new StatefunError('SF_SDK_MESSAGE_WITHOUT_VALUE', 'a message without a value came', {
    where: formatAddress(run.target),
    hint: 'the sender must set has_value; an empty value is a present one (contract 2.1)',
  })
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== undefined &&
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    typeof (value as { readonly then?: unknown }).then === 'function'
  )
}

function checkOptions(options: AnyFunctionOptions): void {
  const where = options.type
  for (const name of Object.keys(options)) {
    if (KNOWN_OPTIONS.includes(name)) continue
    const nearest = nearestName(name, KNOWN_OPTIONS)
    throw new StatefunError('SF_SDK_OPTION_UNKNOWN', `defineFunction has no option "${name}"`, {
      where,
      hint: nearest === undefined ? `options: ${KNOWN_OPTIONS.join(', ')}` : `did you mean "${nearest}"?`,
    })
  }
  if (typeof options.handle !== 'function') {
    throw new StatefunError('SF_SDK_HANDLER_MISSING', 'handle is not a function', { where })
  }
  const { otherTypes } = options
  if (otherTypes !== undefined && otherTypes !== 'fail' && otherTypes !== 'ignore') {
    throw new StatefunError('SF_SDK_OPTION_INVALID', `otherTypes is "${otherTypes}"`, {
      where,
      hint: "write 'fail' or 'ignore'",
    })
  }
}
