import { formatAddress, nearestName, StatefunError } from '@statefun/protocol'
import type { BatchRun } from './batch-run.ts'
import type { BatchState } from './batch-state.ts'
import { lateEffect } from './late-effect.ts'
import type { CompiledSlot, StateDeclarations, StateView } from './state-declaration.ts'

/** Makes `ctx.state` for one invocation; `context` is what `run.active` must be for it to be used. */
export type StateViewClass = new (run: BatchRun, context: object) => StateView<StateDeclarations>

/**
 * The class of `ctx.state` of one function: an accessor per state, and behind them, as the prototype's prototype, a proxy
 * that is only reached by names that are not declared.
 *
 * Not a proxy in front: that notices `delete` too, but a read and a write through one take 70 ns, through accessors 4
 * (measured), and they are what a handler does most.
 */
export function stateViewClass(slots: readonly CompiledSlot[]): StateViewClass {
  const names = slots.map(({ name }) => name)

  class States {
    // Private: an assignment to a public field would be looked up through the proxy, at every construction.
    readonly #run: BatchRun
    readonly #context: object

    constructor(run: BatchRun, context: object) {
      this.#run = run
      this.#context = context
    }

    /** What JSON and inspection show. */
    toJSON(): Readonly<Record<string, unknown>> {
      const state = this.#open('read')
      return Object.fromEntries(names.map((name, index) => [name, state.read(index)]))
    }

    #open(action: string): BatchState {
      const run = this.#run
      if (run.active !== this.#context) throw lateEffect(run.target, `state ${action}`)
      return run.state
    }

    static accessor(index: number): PropertyDescriptor {
      return {
        enumerable: true,
        get(this: States) {
          return this.#open('read').read(index)
        },
        set(this: States, value: unknown) {
          this.#open('written').write(index, value)
        },
      }
    }

    static undeclared(states: States, name: string): StatefunError {
      const nearest = nearestName(name, names)
      return new StatefunError('SF_SDK_STATE_UNDECLARED', `state "${name}" is not declared`, {
        where: formatAddress(states.#run.target),
        hint:
          names.length === 0
            ? 'the function declares no state'
            : nearest === undefined
              ? `declared: ${names.join(', ')}`
              : `did you mean "${nearest}"?`,
      })
    }
  }

  const { prototype } = States
  names.forEach((name, index) => {
    Object.defineProperty(prototype, name, States.accessor(index))
  })
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), { value: prototype.toJSON })
  Object.setPrototypeOf(
    prototype,
    new Proxy(Object.create(null) as object, {
      get(_, key, states: States) {
        // Asked of any object by await, string conversion and inspection.
        if (typeof key === 'symbol' || key === 'then') return undefined
        throw States.undeclared(states, key)
      },
      set(_, key, __, states: States) {
        throw States.undeclared(states, String(key))
      },
    }),
  )
  return States as unknown as StateViewClass
}
