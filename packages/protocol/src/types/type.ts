/**
 * A type of values on the wire: a typename, and how a value becomes bytes and back (contract 2.2).
 *
 * `deserialize` may return views of `bytes`; `serialize` may return the value itself where it is bytes already.
 * Serialized bytes may lie in a memory block shared with others: who keeps many of them for long keeps copies.
 */
export interface Type<T> {
  /** `<namespace>/<name>`; what a receiver compares. */
  readonly typename: string
  /** True when values are primitives, so that one decoded value may be handed out many times. */
  readonly immutable?: true
  readonly serialize: (value: T) => Uint8Array
  readonly deserialize: (bytes: Uint8Array) => T
  /**
   * As `deserialize` of `source[start, end)`, without a view of those bytes, for types that need none: a shortcut, taken
   * where it is given.
   */
  readonly deserializeRange?: (source: Uint8Array, start: number, end: number) => T
  /** Tells whether `value` can be serialized; absent when only trying tells. Never throws. */
  readonly holds?: (value: unknown) => boolean
}
