import type { StatefulFunction } from '../define-function.ts'
import type { Duration } from '../duration.ts'
import type { StateDeclarations, StateView } from '../state-declaration.ts'
import type { Effects } from './effects.ts'
import type { SentLater } from './sent-message.ts'
import { createTestKit, type InvokeOptions, type TestKit } from './test-kit.ts'

/** Options of {@link testFunction}. */
export interface TestFunctionOptions<S extends StateDeclarations> {
  /** The id under test; `test` by default. */
  readonly id?: string
  /** The state to start with. */
  readonly state?: Partial<StateView<S>>
  /** Virtual time to start at, in milliseconds; 0 by default. */
  readonly now?: number
}

/** One function under one id in a {@link TestKit} of its own. */
export class FunctionTest<In, S extends StateDeclarations> {
  readonly kit: TestKit
  readonly id: string
  /** The stored state; see {@link TestKit.state}. */
  readonly state: StateView<S>
  readonly #fn: StatefulFunction<In, S>

  constructor(fn: StatefulFunction<In, S>, options: TestFunctionOptions<S>) {
    this.kit = createTestKit([fn], options.now === undefined ? {} : { now: options.now })
    this.id = options.id ?? 'test'
    this.#fn = fn
    this.state = this.kit.state(fn, this.id)
    Object.assign(this.state, options.state)
  }

  /** Calls the function with one message; see {@link TestKit.invoke}. */
  invoke(value: In, options: InvokeOptions = {}): Promise<Effects> {
    return this.kit.invoke(this.#fn, this.id, value, options)
  }

  /** Calls the function with several messages in one batch. */
  invokeBatch(values: readonly In[], options: InvokeOptions = {}): Promise<Effects> {
    return this.kit.invokeBatch(this.#fn, this.id, values, options)
  }

  /** Delayed messages still waiting; see {@link TestKit.delayed}. */
  get delayed(): readonly SentLater[] {
    return this.kit.delayed
  }

  /** Lets virtual time pass; see {@link TestKit.advance}. */
  advance(duration: Duration): Promise<Effects> {
    return this.kit.advance(duration)
  }
}

/**
 * Tests one function under one id.
 *
 * @throws StatefunError when a value of `options.state` does not fit its declaration
 * @example
 * const test = testFunction(counter, { state: { total: 2n } })
 * const effects = await test.invoke(3n)
 * expect(test.state.total).toBe(5n)
 * expect(effects.sends).toMatchObject([{ to: 'example/greeter', id: 'test', value: '5' }])
 */
export function testFunction<In, S extends StateDeclarations>(
  fn: StatefulFunction<In, S>,
  options: TestFunctionOptions<NoInfer<S>> = {},
): FunctionTest<In, S> {
  return new FunctionTest(fn, options)
}
