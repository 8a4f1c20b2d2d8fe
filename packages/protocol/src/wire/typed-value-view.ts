import type { Metadata, TypedValue } from '../messages.ts'
import type { Type } from '../types/type.ts'
import { NO_BYTES } from './no-bytes.ts'

/**
 * A received value that is still a range of the bytes it came in. Making a Uint8Array for it takes longer than to decode a
 * number (measured), so that waits until someone asks for {@link value}.
 */
export class TypedValueView implements TypedValue {
  readonly typename: string
  readonly hasValue: boolean
  readonly metadata: readonly Metadata[] | undefined
  readonly #source: Uint8Array
  readonly #start: number
  readonly #end: number

  constructor(
    typename: string,
    hasValue: boolean,
    metadata: readonly Metadata[] | undefined,
    source: Uint8Array,
    start: number,
    end: number,
  ) {
    this.typename = typename
    this.hasValue = hasValue
    this.metadata = metadata
    this.#source = source
    this.#start = start
    this.#end = end
  }

  /** The bytes, a new view at each call; not a copy. */
  get value(): Uint8Array {
    const length = this.#end - this.#start
    if (length === 0) return NO_BYTES
    const { buffer, byteOffset } = this.#source
    return new Uint8Array(buffer, byteOffset + this.#start, length)
  }

  /** The value decoded by `type`, whose typename is not compared. @throws what `type` throws */
  decode<T>(type: Pick<Type<T>, 'deserialize' | 'deserializeRange'>): T {
    const { deserializeRange } = type
    return deserializeRange === undefined
      ? type.deserialize(this.value)
      : deserializeRange(this.#source, this.#start, this.#end)
  }

  /** A value that differs only in its bytes, which stand elsewhere in the same message. */
  at(start: number, end: number): TypedValueView {
    return new TypedValueView(this.typename, this.hasValue, this.metadata, this.#source, start, end)
  }

  /** Where the bytes stand in the message. */
  get start(): number {
    return this.#start
  }

  get end(): number {
    return this.#end
  }
}

/** What a `TypedValue` field that is not on the wire means. */
export const NO_VALUE_VIEW: TypedValueView = new TypedValueView('', false, undefined, NO_BYTES, 0, 0)
