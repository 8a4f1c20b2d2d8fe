import {
  type Address,
  type InvocableFunction,
  nearestName,
  parseTypename,
  StatefunError,
} from '@statefun/protocol'

/** The functions served together, by namespace and name. */
export class FunctionRegistry {
  readonly #namespaces = new Map<string, Map<string, InvocableFunction>>()

  /** @throws StatefunError `SF_SDK_FUNCTIONS_EMPTY`, `SF_SDK_FUNCTION_DUPLICATE`, `SF_TYPENAME_INVALID` */
  constructor(functions: readonly InvocableFunction[]) {
    if (functions.length === 0) {
      throw new StatefunError('SF_SDK_FUNCTIONS_EMPTY', 'there is no function to serve')
    }
    for (const fn of functions) {
      const { namespace, name } = parseTypename(fn.typename)
      const names = this.#namespaces.get(namespace) ?? new Map<string, InvocableFunction>()
      this.#namespaces.set(namespace, names)
      if (names.has(name)) {
        throw new StatefunError('SF_SDK_FUNCTION_DUPLICATE', `two functions are called ${fn.typename}`, {
          hint: 'every function of an app has a type of its own',
        })
      }
      names.set(name, fn)
    }
  }

  /**
   * The function that a call is for.
   *
   * @throws StatefunError `SF_SDK_FUNCTION_UNKNOWN`
   */
  get({ namespace, type }: Address): InvocableFunction {
    const fn = this.#namespaces.get(namespace)?.get(type)
    if (fn !== undefined) return fn
    const typename = `${namespace}/${type}`
    const names = [...this.#namespaces.values()].flatMap((byName) =>
      [...byName.values()].map((known) => known.typename),
    )
    const nearest = nearestName(typename, names)
    throw new StatefunError('SF_SDK_FUNCTION_UNKNOWN', `no function is called ${typename}`, {
      hint: nearest === undefined ? `served here: ${names.join(', ')}` : `did you mean ${nearest}?`,
    })
  }
}
