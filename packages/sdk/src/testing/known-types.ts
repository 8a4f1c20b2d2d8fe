import { types } from '@statefun/protocol'
import type { AnyValueType, ValueType } from '../value-type.ts'

/** The types by which the kit shows values: the built-in ones and those of its functions. */
export class KnownTypes {
  readonly #byTypename = new Map<string, ValueType<unknown, never>>()

  constructor(accepted: Iterable<AnyValueType>) {
    for (const type of [...Object.values<AnyValueType>(types), ...accepted]) {
      this.#byTypename.set(type.typename, type)
    }
  }

  /** The decoded value, or the bytes as they are when the type is not known. */
  decode(typename: string, bytes: Uint8Array): unknown {
    const type = this.#byTypename.get(typename)
    return type === undefined ? bytes : type.deserialize(bytes)
  }
}
