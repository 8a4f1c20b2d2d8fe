import { nearestName, StatefunError, type StateSpec } from '@statefun/protocol'
import { type CallSettings, FunctionType } from './function-type.ts'
import type { Spill } from './spill.ts'

/** Which function types exist and how they are called: `<ns>/<name>` or `<ns>/*`, the specific one wins (contract 4.2). */
export interface FunctionBinding {
  readonly namespace: string
  /** Undefined binds the whole namespace. */
  readonly name: string | undefined
  readonly settings: CallSettings
  /** Its states, where they are known without a call. */
  readonly states?: readonly StateSpec[]
}

/** The function types of a job, made when first addressed. */
export class FunctionTypes {
  /** Where their instances are that are not in memory; set before the first type is made. */
  spill: Spill | undefined
  readonly #bindings: readonly FunctionBinding[]
  readonly #types = new Map<string, Map<string, FunctionType>>()
  /** Types of the checkpoint that no binding covers any more: their state is kept. */
  readonly #unbound = new Map<string, FunctionType>()
  /** Called for each new type, to give it counters and a transport. */
  readonly #created: (type: FunctionType) => void

  constructor(bindings: readonly FunctionBinding[], created: (type: FunctionType) => void) {
    this.#bindings = bindings
    this.#created = created
  }

  /** The type, or undefined when no binding covers it. */
  find(namespace: string, name: string): FunctionType | undefined {
    const known = this.#types.get(namespace)?.get(name)
    if (known !== undefined) return known
    const binding = this.#binding(namespace, name)
    if (binding === undefined) return undefined
    const type = new FunctionType(namespace, name, binding.settings)
    type.spill = this.spill
    let names = this.#types.get(namespace)
    if (names === undefined) {
      names = new Map()
      this.#types.set(namespace, names)
    }
    names.set(name, type)
    this.#created(type)
    return type
  }

  /** @throws StatefunError `SF_FUNCTION_UNKNOWN` (contract 1.4: the job fails when such a message is dispatched) */
  get(namespace: string, name: string, sender: string): FunctionType {
    const type = this.find(namespace, name)
    if (type !== undefined) return type
    throw this.#unknown(namespace, name, sender)
  }

  /**
   * Looks whether there is such a function, or state of it in the checkpoint, and makes nothing.
   *
   * @throws StatefunError `SF_FUNCTION_UNKNOWN`
   */
  check(namespace: string, name: string): void {
    if (this.known(namespace, name) === undefined && this.#binding(namespace, name) === undefined)
      throw this.#unknown(namespace, name)
  }

  #binding(namespace: string, name: string): FunctionBinding | undefined {
    const bindings = this.#bindings.filter((binding) => binding.namespace === namespace)
    return (
      bindings.find((candidate) => candidate.name === name) ??
      bindings.find((candidate) => candidate.name === undefined)
    )
  }

  #unknown(namespace: string, name: string, sender?: string): StatefunError {
    const bound = this.#bindings.map((binding) => `${binding.namespace}/${binding.name ?? '*'}`)
    const nearest = nearestName(`${namespace}/${name}`, bound)
    return new StatefunError('SF_FUNCTION_UNKNOWN', `no endpoint serves the function ${namespace}/${name}`, {
      ...(sender === undefined ? {} : { where: sender }),
      hint: `bind it in module.yaml${nearest === undefined ? '' : `; the nearest bound function is ${nearest}`}`,
    })
  }

  /**
   * Compares the states that functions declare with those of the checkpoint.
   *
   * @throws StatefunError `SF_STATE_TYPE_CHANGED`
   */
  checkStates(): void {
    for (const { namespace, name, states = [] } of this.#bindings) {
      const type = name === undefined ? undefined : this.known(namespace, name)
      if (type !== undefined) for (const state of states) type.register(state)
    }
  }

  /** A type that was addressed before or has state in the checkpoint; none is made. */
  known(namespace: string, name: string): FunctionType | undefined {
    return this.#types.get(namespace)?.get(name) ?? this.#unbound.get(`${namespace}/${name}`)
  }

  /** The type for a checkpoint's content, also when nothing is bound to it any more. */
  restored(namespace: string, name: string): FunctionType {
    const bound = this.find(namespace, name) ?? this.#unbound.get(`${namespace}/${name}`)
    if (bound !== undefined) return bound
    const type = new FunctionType(namespace, name, {
      maxNumBatchRequests: 0,
      failurePolicy: { type: 'fail' },
    })
    type.spill = this.spill
    this.#unbound.set(type.typename, type)
    return type
  }

  /** Typenames whose state is kept although nothing serves them. */
  get unbound(): string[] {
    return [...this.#unbound.keys()]
  }

  *[Symbol.iterator](): IterableIterator<FunctionType> {
    for (const names of this.#types.values()) yield* names.values()
    yield* this.#unbound.values()
  }
}
