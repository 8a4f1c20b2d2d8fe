import type { Address, Invocation, Metadata } from '@statefun/protocol'
import type { Names } from './names.ts'
import { RECORD_HEADER_BYTES } from './record-store.ts'
import type { Timer } from './timer.ts'

/**
 * A view of the record of one waiting message, moved from one to the next. It is valid until the job goes on; its parts are
 * bytes of {@link bytes} between two offsets, texts and the value with the varint of their length in front.
 */
export class TimerRecord {
  sequence = 0
  /** Epoch milliseconds. */
  due = 0
  bytes: Buffer = NO_BYTES
  targetNamespace = ''
  targetType = ''
  hasCaller = false
  toItself = false
  callerNamespace = ''
  callerType = ''
  typename = ''
  hasValue = false
  idStart = 0
  idEnd = 0
  scopeStart = 0
  tokenStart = 0
  valueStart = 0
  valueEnd = 0
  #at = 0
  #metadataAt = 0
  readonly #names: Names

  constructor(names: Names) {
    this.#names = names
  }

  /** Moves to the record that begins at `offset` of `bytes`; see record-writer.ts. */
  point(bytes: Buffer, offset: number): void {
    this.bytes = bytes
    this.due = bytes.readDoubleLE(offset + 8)
    this.#at = offset + RECORD_HEADER_BYTES
    const flags = this.#varint()
    this.hasCaller = (flags & 1) !== 0
    this.hasValue = (flags & 2) !== 0
    this.callerNamespace = this.hasCaller ? this.#name() : ''
    this.callerType = this.hasCaller ? this.#name() : ''
    this.toItself = (flags & 8) !== 0
    if (this.toItself) {
      this.targetNamespace = this.callerNamespace
      this.targetType = this.callerType
    } else {
      this.targetNamespace = this.#name()
      this.targetType = this.#name()
      this.idStart = this.#at
      this.#skip()
      this.idEnd = this.#at
    }
    this.typename = this.#name()
    this.scopeStart = this.#at
    this.#skip()
    this.tokenStart = this.#at
    if (this.toItself) {
      this.idStart = this.scopeStart
      this.idEnd = this.tokenStart
    }
    this.#skip()
    this.valueStart = this.#at
    this.#skip()
    this.valueEnd = this.#at
    this.#metadataAt = (flags & 4) === 0 ? 0 : this.#at
  }

  get hasToken(): boolean {
    return this.bytes[this.tokenStart] !== 0
  }

  get metadata(): Metadata[] | undefined {
    if (this.#metadataAt === 0) return undefined
    this.#at = this.#metadataAt
    const metadata: Metadata[] = []
    for (let left = this.#varint(); left > 0; left--) {
      const key = this.#name()
      metadata.push({ key, value: this.#varint() === 0 ? null : this.#value() })
    }
    return metadata
  }

  /** The message as an object of its own. */
  toTimer(): Timer {
    const { sequence, due, typename, hasValue, metadata } = this
    const target: Address = {
      namespace: this.targetNamespace,
      type: this.targetType,
      id: this.#text(this.idStart),
    }
    const caller = this.toItself ? target : this.#caller()
    const token = this.hasToken ? this.#text(this.tokenStart) : undefined
    this.#at = this.valueStart
    const value = this.#value()
    const invocation: Invocation = { caller, argument: { typename, hasValue, value, metadata } }
    return { sequence, due, target, invocation, token }
  }

  #caller(): Address | undefined {
    if (!this.hasCaller) return undefined
    return { namespace: this.callerNamespace, type: this.callerType, id: this.#text(this.scopeStart) }
  }

  #varint(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.#at++]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }

  #skip(): void {
    const length = this.#varint()
    this.#at += length
  }

  #name(): string {
    const number = this.#varint()
    if (number !== 0) return this.#names.nameOf(number)
    const name = this.#text(this.#at)
    this.#skip()
    return name
  }

  /** The text at `start`; stays where it is. */
  #text(start: number): string {
    const back = this.#at
    this.#at = start
    const length = this.#varint()
    const text = this.bytes.toString('utf8', this.#at, this.#at + length)
    this.#at = back
    return text
  }

  /** A copy of the bytes from here on. */
  #value(): Uint8Array {
    const length = this.#varint()
    const value = new Uint8Array(length)
    const { bytes } = this
    if (length > 64) value.set(bytes.subarray(this.#at, this.#at + length))
    else for (let i = 0; i < length; i++) value[i] = bytes[this.#at + i]!
    this.#at += length
    return value
  }
}

const NO_BYTES = Buffer.alloc(0)
