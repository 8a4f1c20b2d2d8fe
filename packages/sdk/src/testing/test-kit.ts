import {
  type Address,
  type FunctionResponse,
  formatAddress,
  type Invocation,
  type InvocationResponse,
  StatefunError,
  type StateSpec,
} from '@statefun/protocol'
import type { SendOptions } from '../context.ts'
import type { StatefulFunction } from '../define-function.ts'
import { type Duration, parseDuration } from '../duration.ts'
import { encodeArgument } from '../encode-argument.ts'
import type { FunctionRef } from '../function-ref.ts'
import { FunctionRegistry } from '../handlers/function-registry.ts'
import { encodeHeaders } from '../headers.ts'
import type { StateDeclarations, StateView } from '../state-declaration.ts'
import { DelayedQueue } from './delayed-queue.ts'
import { Effects } from './effects.ts'
import { KnownTypes } from './known-types.ts'
import { MemoryState } from './memory-state.ts'
import { SentLater, SentMessage } from './sent-message.ts'
import { storedState } from './state-view.ts'

type AnyFunction = StatefulFunction<never, StateDeclarations>

/** Options of {@link TestKit.invoke}. */
export interface InvokeOptions extends SendOptions {
  /** The sender; none by default, as for a message from an ingress. */
  readonly caller?: { readonly function: FunctionRef<never>; readonly id: string }
}

interface PendingMessage {
  readonly target: Address
  readonly invocation: Invocation
}

const MAX_STEPS = 10_000

/**
 * Runs functions in memory as the runtime would: state and its negotiation, expirations, delayed messages, cancellation, all
 * effects of a failed call dropped. Time stands still until {@link TestKit.advance}.
 */
export class TestKit {
  readonly #functions = new Map<string, AnyFunction>()
  readonly #known: KnownTypes
  readonly #store = new MemoryState()
  readonly #specs = new Map<string, readonly StateSpec[]>()
  readonly #timers = new DelayedQueue()
  #pending: PendingMessage[] = []
  #now: number

  constructor(functions: readonly AnyFunction[], now: number) {
    // The registry refuses what a server would refuse: duplicates and an empty list.
    new FunctionRegistry(functions)
    for (const fn of functions) this.#functions.set(fn.typename, fn)
    this.#known = new KnownTypes(functions.flatMap((fn) => fn.accepts ?? []))
    this.#now = now
  }

  /** Virtual time in milliseconds. */
  get now(): number {
    return this.#now
  }

  /** Messages sent between the kit's functions that {@link TestKit.runUntilIdle} would deliver. */
  get pending(): readonly SentMessage[] {
    return this.#pending.map(
      ({ target, invocation }) => new SentMessage(target, invocation.argument, this.#known),
    )
  }

  /** Delayed messages still waiting, in the order they fall due; `delayMs` counts from now. */
  get delayed(): readonly SentLater[] {
    return this.#timers.messages.map(
      ({ target, argument, dueAt, token }) =>
        new SentLater(target, argument, this.#known, dueAt - this.#now, token),
    )
  }

  /**
   * Calls a function with one message and applies what it did. Messages it sends to functions of the kit wait until
   * {@link TestKit.runUntilIdle}.
   *
   * @throws whatever the handler throws, and then nothing has changed
   */
  async invoke<In, S extends StateDeclarations>(
    fn: StatefulFunction<In, S>,
    id: string,
    value: NoInfer<In>,
    options: InvokeOptions = {},
  ): Promise<Effects> {
    return this.invokeBatch(fn, id, [value], options)
  }

  /** Calls a function with several messages in one batch. */
  async invokeBatch<In, S extends StateDeclarations>(
    fn: StatefulFunction<In, S>,
    id: string,
    values: readonly NoInfer<In>[],
    options: InvokeOptions = {},
  ): Promise<Effects> {
    const { caller } = options
    const invocations = values.map((value) => ({
      caller: caller === undefined ? undefined : addressOf(caller.function, caller.id),
      argument: encodeArgument(fn, value, options.type, encodeHeaders(options.headers)),
    }))
    return new Effects([await this.#call(addressOf(fn, id), invocations)], this.#known)
  }

  /** The stored state of one id: reads see expirations, writes and `undefined` change the store. */
  state<In, S extends StateDeclarations>(fn: StatefulFunction<In, S>, id: string): StateView<S> {
    return storedState<S>(fn, addressOf(fn, id), this.#store, () => this.#now)
  }

  /**
   * Delivers messages between the kit's functions until none is left.
   *
   * @throws StatefunError `SF_SDK_TEST_NEVER_IDLE` after 10,000 deliveries; whatever a handler throws
   */
  async runUntilIdle(): Promise<Effects> {
    return new Effects(await this.#drain(), this.#known)
  }

  /**
   * Lets virtual time pass. Delayed messages are delivered at the moment each is due, with all that follows from it.
   *
   * @throws StatefunError `SF_DURATION_INVALID`, and as {@link TestKit.runUntilIdle}
   */
  async advance(duration: Duration): Promise<Effects> {
    const end = this.#now + parseDuration(duration)
    const responses: InvocationResponse[] = []
    for (let due = this.#timers.takeDue(end); due !== undefined; due = this.#timers.takeDue(end)) {
      this.#now = Math.max(this.#now, due.dueAt)
      this.#enqueue(due.target, { caller: due.caller, argument: due.argument })
      responses.push(...(await this.#drain(responses.length)))
    }
    this.#now = end
    return new Effects(responses, this.#known)
  }

  async #drain(stepsSoFar = 0): Promise<InvocationResponse[]> {
    const responses: InvocationResponse[] = []
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
      if (stepsSoFar + responses.length >= MAX_STEPS) {
        throw new StatefunError('SF_SDK_TEST_NEVER_IDLE', `still not idle after ${MAX_STEPS} messages`, {
          where: formatAddress(next.target),
          hint: 'the functions seem to send to each other for ever',
        })
      }
      responses.push(await this.#call(next.target, [next.invocation]))
    }
    return responses
  }

  async #call(target: Address, invocations: readonly Invocation[]): Promise<InvocationResponse> {
    const fn = this.#function(`${target.namespace}/${target.type}`)
    let response = await this.#request(fn, target, invocations)
    if (response.kind === 'incomplete') {
      this.#specs.set(fn.typename, response.missing)
      response = await this.#request(fn, target, invocations)
    }
    if (response.kind === 'incomplete') {
      throw new StatefunError('SF_SDK_TEST_NEGOTIATION', 'the function still asks for states it was given', {
        where: fn.typename,
      })
    }
    this.#apply(target, response)
    return response
  }

  async #request(
    fn: AnyFunction,
    target: Address,
    invocations: readonly Invocation[],
  ): Promise<FunctionResponse> {
    const specs = this.#specs.get(fn.typename) ?? []
    const state = specs.map((spec) => ({
      stateName: spec.stateName,
      stateValue: this.#store.read(target, spec, this.#now),
    }))
    for (const spec of specs) this.#store.touch(target, spec, this.#now)
    return fn.invoke({ target, state, invocations })
  }

  #apply(target: Address, response: InvocationResponse): void {
    for (const message of response.outgoingMessages) {
      this.#enqueue(message.target, { caller: target, argument: message.argument })
    }
    for (const timer of response.delayedInvocations) this.#timers.apply(target, timer, this.#now)
    for (const mutation of response.stateMutations) this.#store.apply(target, mutation, this.#now)
  }

  /** Messages for functions outside the kit are only reported. */
  #enqueue(target: Address, invocation: Invocation): void {
    if (this.#functions.has(`${target.namespace}/${target.type}`)) this.#pending.push({ target, invocation })
  }

  /** @throws StatefunError `SF_SDK_TEST_FUNCTION_UNKNOWN` */
  #function(typename: string): AnyFunction {
    const fn = this.#functions.get(typename)
    if (fn !== undefined) return fn
    throw new StatefunError('SF_SDK_TEST_FUNCTION_UNKNOWN', `${typename} is not part of the kit`, {
      hint: `createTestKit was given ${[...this.#functions.keys()].join(', ')}`,
    })
  }
}

/**
 * Makes a {@link TestKit} with these functions wired to each other.
 *
 * @param options.now virtual time to start at, in milliseconds; 0 by default
 * @throws StatefunError `SF_SDK_FUNCTIONS_EMPTY`, `SF_SDK_FUNCTION_DUPLICATE`
 * @example
 * const kit = createTestKit([counter, greeter])
 * await kit.invoke(counter, 'alice', 2n)
 * await kit.runUntilIdle()
 * expect(kit.state(greeter, 'alice').greeted).toBe(1)
 */
export function createTestKit(
  functions: readonly AnyFunction[],
  options: { readonly now?: number } = {},
): TestKit {
  return new TestKit(functions, options.now ?? 0)
}

function addressOf(fn: FunctionRef<never>, id: string): Address {
  return { namespace: fn.namespace, type: fn.name, id }
}
