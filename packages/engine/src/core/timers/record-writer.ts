import type { TypedValue } from '@statefun/protocol'
import type { Names } from './names.ts'
import { RECORD_HEADER_BYTES } from './record-store.ts'
import type { Timer } from './timer.ts'

/*
  body => flags [caller_namespace caller_type] [target_namespace target_type target_id] typename scope value [metadata]
    flags      => BYTE: 1 has a caller, 2 has a value, 4 has metadata, 8 target is the caller, not written again
    scope      => caller_id token, each empty when there is none
    value      => length BYTES
    metadata   => count [key has_value [value]]
  A namespace, type, typename or key is a number of Names, or 0 and text. Text is a length and UTF-8. Numbers are varints as
  in encode-epoch.ts, so that text and values are copied from here into an epoch as they are.
*/

/** Text up to here is written by hand: a call of Buffer.write costs more. */
const SHORT = 48

/** Where a record has its due time. */
const DUE = 8

/** Room that stays allocated; a large value has it for itself only while it is written. */
const KEPT_BYTES = 64 * 1024

/** Writes one record after the other into the same buffer. */
export class RecordWriter {
  #buffer: Buffer = Buffer.allocUnsafeSlow(KEPT_BYTES)
  #at = 0
  #scopeStart = 0
  #scopeEnd = 0
  readonly #names: Names

  constructor(names: Names) {
    this.#names = names
  }

  /** What was written last; only valid until the next write. */
  get bytes(): Buffer {
    return this.#buffer
  }

  /** Where the scope begins and ends in what was written last. */
  get scopeStart(): number {
    return this.#scopeStart
  }

  get scopeEnd(): number {
    return this.#scopeEnd
  }

  /** Writes a record with room for slot and size in front; returns how many bytes. */
  write({ due, target, invocation, token }: Timer): number {
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(KEPT_BYTES)
    const { caller, argument } = invocation
    const { metadata } = argument
    const toItself =
      target.id === caller?.id && target.type === caller.type && target.namespace === caller.namespace
    const hasMetadata = metadata !== undefined && metadata.length > 0
    this.#buffer.writeDoubleLE(due, DUE)
    this.#at = RECORD_HEADER_BYTES
    this.#room(1)
    this.#buffer[this.#at++] =
      (caller === undefined ? 0 : 1) |
      (argument.hasValue ? 2 : 0) |
      (hasMetadata ? 4 : 0) |
      (toItself ? 8 : 0)
    if (caller !== undefined) {
      this.#name(caller.namespace)
      this.#name(caller.type)
    }
    if (!toItself) {
      this.#name(target.namespace)
      this.#name(target.type)
      this.#text(target.id)
    }
    this.#name(argument.typename)
    this.#scope(caller?.id ?? '', token ?? '')
    this.#bytes(argument.hasValue ? argument.value : NOTHING)
    if (hasMetadata) this.#metadata(metadata)
    return this.#at
  }

  /** Writes nothing but a scope. */
  writeScope(senderId: string, token: string): void {
    this.#at = 0
    this.#scope(senderId, token)
  }

  #scope(senderId: string, token: string): void {
    this.#scopeStart = this.#at
    this.#text(senderId)
    this.#text(token)
    this.#scopeEnd = this.#at
  }

  #metadata(metadata: NonNullable<TypedValue['metadata']>): void {
    this.#varint(metadata.length)
    for (const { key, value } of metadata) {
      this.#name(key)
      this.#varint(value === null ? 0 : 1)
      if (value !== null) this.#bytes(value)
    }
  }

  #name(name: string): void {
    const number = this.#names.numberOf(name)
    this.#varint(number)
    if (number === 0) this.#text(name)
  }

  #varint(value: number): void {
    this.#room(5)
    let rest = value
    while (rest > 0x7f) {
      this.#buffer[this.#at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#buffer[this.#at++] = rest
  }

  #bytes(value: Uint8Array): void {
    this.#varint(value.length)
    this.#room(value.length)
    this.#buffer.set(value, this.#at)
    this.#at += value.length
  }

  #text(value: string): void {
    const { length } = value
    this.#room(length * 3 + 5)
    if (length <= SHORT) {
      const buffer = this.#buffer
      const start = this.#at + 1
      let i = 0
      for (; i < length; i++) {
        const code = value.charCodeAt(i)
        if (code > 0x7f) break
        buffer[start + i] = code
      }
      if (i === length) {
        buffer[this.#at] = length
        this.#at = start + length
        return
      }
    }
    this.#varint(Buffer.byteLength(value))
    this.#at += this.#buffer.write(value, this.#at, 'utf8')
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#at + bytes))
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }
}

const NOTHING = new Uint8Array(0)
