import { type TypedValue, TypedValueView } from '@statefun/protocol'
import { copyBytes } from './copy-bytes.ts'

/**
 * A type of values on the wire: a typename and how a value becomes bytes and back (contract 2.2).
 *
 * Every `Type<T>` of `@statefun/protocol` (`types.long`, `jsonType(…)`, `protobufType(…)`, …) is one. `In` is what may be
 * written and `Out` what is read; they differ only for a schema that transforms or fills in defaults.
 */
export interface ValueType<Out, In = Out> {
  /** `<namespace>/<name>`. */
  readonly typename: string
  readonly serialize: (value: In) => Uint8Array
  readonly deserialize: (bytes: Uint8Array) => Out
  /** As `deserialize` of `source[start, end)`, for types that can do without a view of those bytes. */
  readonly deserializeRange?: (source: Uint8Array, start: number, end: number) => Out
  /**
   * Tells whether `value` belongs to this type; used to choose among several accepted types. Absent when the type
   * cannot tell without encoding.
   */
  readonly holds?: (value: unknown) => boolean
}

/** Any {@link ValueType}; nothing can be written to it before it is narrowed. */
export type AnyValueType = ValueType<unknown, never>

/** What is read from a {@link ValueType}. */
export type OutputOf<T> = T extends { readonly deserialize: (bytes: Uint8Array) => infer Out } ? Out : never

/** What may be written to a {@link ValueType}. */
export type InputOf<T> = T extends { readonly serialize: (value: infer In) => Uint8Array } ? In : never

/**
 * Decodes a received value; the typenames are not compared. What comes out never aliases the received bytes: a handler that
 * changes it must not change what a retry sends again, nor what its state is compared with.
 */
export function decodeValue<Out>(type: ValueType<Out, never>, received: TypedValue): Out {
  const value: unknown =
    received instanceof TypedValueView ? received.decode(type) : type.deserialize(received.value)
  if (value instanceof Uint8Array && value.buffer === received.value.buffer) return copyBytes(value) as Out
  return value as Out
}
