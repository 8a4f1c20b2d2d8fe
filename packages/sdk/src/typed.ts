import { StatefunError } from '@statefun/protocol'
import { copyBytes } from './copy-bytes.ts'
import type { AnyValueType, ValueType } from './value-type.ts'

/** A value together with the type that encodes it; made by {@link typed}. */
export class TypedPayload {
  readonly type: AnyValueType
  /** The value encoded by `type` when the payload was made. */
  readonly bytes: Uint8Array

  constructor(type: AnyValueType, bytes: Uint8Array) {
    this.type = type
    this.bytes = bytes
  }
}

/**
 * Says which type encodes a value, where nothing else does: headers, egresses and functions that declare no type.
 *
 * @throws StatefunError `SF_SDK_VALUE_MISSING` for null and undefined, `SF_SDK_VALUE_INVALID` when the type refuses the value
 * @example ctx.emit(results, { topic: 'totals', value: typed(types.long, 5n), headers: [['n', typed(types.int, 1)]] })
 */
export function typed<In>(type: ValueType<unknown, In>, value: NoInfer<In>): TypedPayload {
  return new TypedPayload(type, encodeValue(type, value, 'value'))
}

/**
 * Encodes at once and never aliases the caller's buffer: effects are read only when the batch ends, and a buffer may be
 * reused by then.
 */
export function encodeValue(type: AnyValueType, value: unknown, what: string): Uint8Array {
  if (value === undefined || value === null) {
    throw new StatefunError('SF_SDK_VALUE_MISSING', `the ${what} of type ${type.typename} is ${value}`, {
      hint: 'a message needs a value; declare a type for "nothing", such as an empty JSON object',
    })
  }
  let bytes: Uint8Array
  try {
    bytes = (type as ValueType<unknown, unknown>).serialize(value)
  } catch (error) {
    throw new StatefunError(
      'SF_SDK_VALUE_INVALID',
      `the ${what} is no ${type.typename}: ${StatefunError.from(error).message}`,
      { cause: error },
    )
  }
  return bytes === value ? copyBytes(bytes) : bytes
}
