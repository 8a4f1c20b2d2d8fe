import { type ExpireMode, parseTypename, StatefunError, type StateSpec } from '@statefun/protocol'
import { type Duration, parseDuration } from './duration.ts'
import type { AnyValueType, InputOf, OutputOf, ValueType } from './value-type.ts'

/**
 * When a state value disappears: a time after it was last written, or after the function was last called for this id
 * (contract 5.5). One of the two, longer than 0 ms.
 */
export type ExpireAfter =
  | { readonly write: Duration; readonly call?: never }
  | { readonly call: Duration; readonly write?: never }

/** One declared state with its options; made by {@link value}. */
export interface StateSlot<T> {
  readonly type: ValueType<T>
  readonly expireMode: ExpireMode
  /** Milliseconds; 0 when the state does not expire. */
  readonly expireAfterMs: number
}

interface AnyStateSlot {
  readonly type: AnyValueType
  readonly expireMode: ExpireMode
  readonly expireAfterMs: number
}

/** The states of a function by name: a type, or {@link value} when there are options. */
export interface StateDeclarations {
  readonly [name: string]: AnyValueType | AnyStateSlot
}

/** The declarations of a function without state. */
export type NoState = Readonly<Record<never, never>>

/** The type of the value that a declaration holds; never for a type that transforms what it reads. */
export type StateValueOf<D> = D extends { readonly type: infer T } ? Kept<T> : Kept<D>

/** A type that transforms what it reads cannot write it back. */
type Kept<T> = [OutputOf<T>] extends [InputOf<T>] ? OutputOf<T> : never

/**
 * The state as a handler sees it: undefined when there is no value, assignment writes, assigning undefined removes.
 *
 * The names are not properties of the object itself but accessors behind it, so neither `delete` nor a spread finds them;
 * the compiler refuses `delete`. JSON and `console.log` show the values.
 */
export type StateView<S extends StateDeclarations> = {
  -readonly [Name in keyof S]: StateValueOf<S[Name]> | undefined
}

/**
 * Declares a state with options.
 *
 * @throws StatefunError `SF_SDK_STATE_EXPIRATION` for both expirations, none, or one <= 0; `SF_DURATION_INVALID`
 * @example state: { total: value(types.long, { expireAfter: { write: '1h' } }) }
 */
export function value<T>(
  type: ValueType<T>,
  options: { readonly expireAfter?: ExpireAfter } = {},
): StateSlot<T> {
  const { expireAfter } = options
  if (expireAfter === undefined) return { type, expireMode: 'none', expireAfterMs: 0 }
  const { write, call } = expireAfter
  if ((write === undefined) === (call === undefined)) {
    throw new StatefunError(
      'SF_SDK_STATE_EXPIRATION',
      write === undefined
        ? 'expireAfter names neither write nor call'
        : 'a state expires after write or after call, not both',
      { hint: "write { expireAfter: { write: '1h' } } or { expireAfter: { call: '1h' } }" },
    )
  }
  const expireAfterMs = parseDuration(write ?? call ?? 0)
  if (expireAfterMs === 0) {
    throw new StatefunError('SF_SDK_STATE_EXPIRATION', 'an expiration must be longer than 0 ms')
  }
  return { type, expireMode: write === undefined ? 'after-invoke' : 'after-write', expireAfterMs }
}

/** A checked declaration, ready for the calls. */
export interface CompiledSlot {
  readonly name: string
  readonly type: ValueType<unknown, unknown>
  readonly typename: string
  readonly spec: StateSpec
}

/**
 * `then` and `toJSON` are asked of any object by the language itself, so a state of that name would be called by accident.
 */
const RESERVED = new Set(['then', 'toJSON', '__proto__'])

/**
 * @throws StatefunError `SF_SDK_STATE_NAME` for a name that is no identifier or is taken by the language (contract 3.2),
 *   `SF_SDK_STATE_DECLARATION`, `SF_TYPENAME_INVALID`
 */
export function compileSlots(owner: string, declarations: StateDeclarations): readonly CompiledSlot[] {
  return Object.entries(declarations).map(([name, declaration]) => {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
      throw new StatefunError('SF_SDK_STATE_NAME', `"${name}" is not a state name`, {
        where: owner,
        hint: 'use letters, digits and "_", not starting with a digit',
      })
    }
    if (RESERVED.has(name) || name in Object.prototype) {
      throw new StatefunError('SF_SDK_STATE_NAME', `"${name}" is a name the language uses itself`, {
        where: owner,
        hint: 'choose another state name',
      })
    }
    const slot: AnyStateSlot =
      'expireMode' in declaration ? declaration : { type: declaration, expireMode: 'none', expireAfterMs: 0 }
    if (typeof slot.type?.deserialize !== 'function') {
      throw new StatefunError('SF_SDK_STATE_DECLARATION', `state "${name}" is declared without a type`, {
        where: owner,
        hint: 'give a type such as types.long, or value(types.long, { expireAfter: … })',
      })
    }
    const { typename } = slot.type
    parseTypename(typename)
    return {
      name,
      type: slot.type as ValueType<unknown, unknown>,
      typename,
      spec: { stateName: name, typename, expireMode: slot.expireMode, expireAfterMs: slot.expireAfterMs },
    }
  })
}
