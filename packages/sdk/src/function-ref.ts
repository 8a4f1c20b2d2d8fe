import { parseTypename, StatefunError } from '@statefun/protocol'
import type { TypedPayload } from './typed.ts'
import type { AnyValueType, InputOf } from './value-type.ts'

declare const input: unique symbol

/**
 * Where messages can be sent: a function of this app (what `defineFunction` returns) or, by {@link functionRef}, one that
 * lives elsewhere. `In` is what may be sent to it.
 */
export interface FunctionRef<in In> {
  /** `<namespace>/<name>`. */
  readonly typename: string
  readonly namespace: string
  readonly name: string
  /** The types the function takes; undefined when it declares none. */
  readonly accepts: readonly AnyValueType[] | undefined
  readonly [input]?: (value: In) => void
}

/** What may be sent to a function with these accepted types; a {@link TypedPayload} when it declares none. */
export type SendableTo<A extends readonly AnyValueType[] | undefined> = A extends readonly AnyValueType[]
  ? InputOf<A[number]>
  : TypedPayload

/**
 * Refers to a function that is not defined in this program, perhaps written in another language.
 *
 * @throws StatefunError `SF_TYPENAME_INVALID`, `SF_SDK_ACCEPTS_INVALID`
 * @example
 * const greeter = functionRef('example/greeter', [types.string])
 * ctx.send(greeter, 'alice', 'hello')
 */
export function functionRef<const A extends readonly AnyValueType[] | undefined = undefined>(
  typename: string,
  accepts?: A,
): FunctionRef<SendableTo<A>> {
  const { namespace, name } = parseTypename(typename)
  checkAccepts(typename, accepts)
  return { typename, namespace, name, accepts }
}

/** @throws StatefunError `SF_SDK_ACCEPTS_INVALID` when the list is empty or names a typename twice, `SF_TYPENAME_INVALID` */
export function checkAccepts(owner: string, accepts: readonly AnyValueType[] | undefined): void {
  if (accepts === undefined) return
  if (accepts.length === 0) {
    throw new StatefunError('SF_SDK_ACCEPTS_INVALID', 'accepts is an empty list', {
      where: owner,
      hint: 'name the accepted types, or leave accepts out to take any message',
    })
  }
  const seen = new Set<string>()
  for (const { typename } of accepts) {
    parseTypename(typename)
    if (seen.has(typename)) {
      throw new StatefunError('SF_SDK_ACCEPTS_INVALID', `accepts names ${typename} twice`, { where: owner })
    }
    seen.add(typename)
  }
}
