import { type Metadata, StatefunError, type TypedValue } from '@statefun/protocol'
import type { FunctionRef } from './function-ref.ts'
import { encodeValue, TypedPayload } from './typed.ts'
import type { AnyValueType } from './value-type.ts'

/**
 * The wire form of a value sent to `target`.
 *
 * With several accepted types the one that holds the value is taken; when none or more than one could, the sender must say
 * which, because a guess would be a message the receiver misreads.
 *
 * @throws StatefunError `SF_SDK_VALUE_MISSING`, `SF_SDK_VALUE_INVALID`, `SF_SDK_VALUE_WITHOUT_TYPE`,
 *   `SF_SDK_TYPE_NOT_ACCEPTED`, `SF_SDK_TYPE_AMBIGUOUS`
 */
export function encodeArgument(
  target: FunctionRef<never>,
  value: unknown,
  type: AnyValueType | undefined,
  metadata: readonly Metadata[] | undefined,
): TypedValue {
  const { accepts } = target
  if (value instanceof TypedPayload) {
    if (accepts !== undefined) requireAccepted(target, accepts, value.type.typename)
    return { typename: value.type.typename, hasValue: true, value: value.bytes, metadata }
  }
  const chosen = chooseType(target, accepts, value, type)
  return { typename: chosen.typename, hasValue: true, value: encodeValue(chosen, value, 'message'), metadata }
}

/** @throws StatefunError `SF_SDK_TYPE_NOT_ACCEPTED` */
export function requireAccepted(
  target: FunctionRef<never>,
  accepts: readonly AnyValueType[],
  typename: string,
): void {
  if (accepts.some((accepted) => accepted.typename === typename)) return
  throw new StatefunError('SF_SDK_TYPE_NOT_ACCEPTED', `${target.typename} does not accept ${typename}`, {
    hint: `it accepts ${listTypes(accepts)}`,
  })
}

export function listTypes(accepted: readonly AnyValueType[]): string {
  return accepted.map((type) => type.typename).join(', ')
}

function chooseType(
  target: FunctionRef<never>,
  accepts: readonly AnyValueType[] | undefined,
  value: unknown,
  type: AnyValueType | undefined,
): AnyValueType {
  if (type !== undefined) {
    if (accepts !== undefined) requireAccepted(target, accepts, type.typename)
    return type
  }
  if (accepts === undefined) {
    throw new StatefunError('SF_SDK_VALUE_WITHOUT_TYPE', `${target.typename} declares no accepted types`, {
      hint: 'send typed(type, value), or declare what the function accepts',
    })
  }
  if (accepts.length === 1 || value === undefined || value === null) return accepts[0]!
  const candidates = accepts.filter((accepted) => canHold(accepted, value))
  if (candidates.length === 1) return candidates[0]!
  throw new StatefunError(
    'SF_SDK_TYPE_AMBIGUOUS',
    candidates.length === 0
      ? `the value is none of the types ${target.typename} accepts: ${listTypes(accepts)}`
      : `the value could be ${listTypes(candidates)}, all accepted by ${target.typename}`,
    { hint: 'say which with the option { type }' },
  )
}

function canHold(type: AnyValueType, value: unknown): boolean {
  if (type.holds !== undefined) return type.holds(value)
  try {
    type.serialize(value as never)
    return true
  } catch {
    return false
  }
}
