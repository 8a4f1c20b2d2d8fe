import type { Metadata, TypedValue } from '../messages.ts'
import type { Type } from './type.ts'

/** The wire form of a value: present, also when its bytes are none (contract 2.1). */
export function toTypedValue<T>(type: Type<T>, value: T, metadata?: readonly Metadata[]): TypedValue {
  return { typename: type.typename, hasValue: true, value: type.serialize(value), metadata }
}
