import { Buffer } from 'node:buffer'
import { internedString, rememberString } from './interned-string.ts'
import { malformed } from './malformed.ts'
import { NO_BYTES } from './no-bytes.ts'

/** Wire types of a tag's low three bits. */
const VARINT = 0
const FIXED64 = 1
const LENGTH_DELIMITED = 2
const START_GROUP = 3
const END_GROUP = 4
const FIXED32 = 5

const DEEPEST_GROUP = 100

/**
 * Up to this many ASCII characters are built by hand. V8 concatenates as many without making a rope; beyond, the call into
 * native code pays for itself (measured).
 */
const SHORT = 12

/**
 * V8 may keep bytes up to this size in its own heap. Asking such an array for its `buffer` moves it out, which takes longer
 * than to copy it (measured).
 */
const IN_HEAP = 64
const scratch = Buffer.allocUnsafeSlow(IN_HEAP)

/** From this many bytes on that may repeat, reading four at once makes up for the DataView it takes (measured). */
const WORTH_WORDS = 256

const fromCharCode = String.fromCharCode

/**
 * Walks over the bytes of one protobuf message. Nested messages narrow `end` while they are read, so nothing reads past
 * the message it belongs to, and every step moves `pos` forward or throws.
 *
 *     message := (tag value)*          tag := varint (field number << 3 | wire type)
 *
 * Methods that read a field take the tag, to check its wire type, and the field's name for the error.
 */
export class Reader {
  readonly bytes: Uint8Array
  pos: number
  /** End of the message being read. */
  end: number
  private words: DataView | undefined = undefined
  private text: Buffer | undefined = undefined

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes
    this.pos = start
    this.end = end
  }

  /** Reads the next field's tag. `message` names the message being read, for errors. */
  tag(message: string): number {
    const byte = this.bytes[this.pos]!
    if (byte < 0x80) {
      this.pos++
      return byte
    }
    return this.uint32(message)
  }

  /** Enters a nested message and returns the outer end, which the caller puts back into `end` when it is through. */
  enter(tag: number, field: string): number {
    const outer = this.end
    const length = this.length(tag, field)
    this.end = this.pos + length
    return outer
  }

  /** A string whose value differs from message to message: ids, keys, tokens. Invalid UTF-8 becomes U+FFFD. */
  string(tag: number, field: string): string {
    const length = this.length(tag, field)
    const start = this.pos
    this.pos = start + length
    return this.decode(start, start + length)
  }

  /** A string of a small vocabulary that returns in every message: typenames, namespaces, state names, topics. */
  name(tag: number, field: string): string {
    const length = this.length(tag, field)
    const start = this.pos
    const end = start + length
    this.pos = end
    if (length === 0) return ''
    const known = internedString(this.bytes, start, end)
    if (known !== undefined) return known
    const text = this.decode(start, end)
    rememberString(text, this.bytes, start, end)
    return text
  }

  /** A view of the bytes field, not a copy. */
  view(tag: number, field: string): Uint8Array {
    const length = this.length(tag, field)
    if (length === 0) return NO_BYTES
    const start = this.pos
    this.pos = start + length
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + start, length)
  }

  /** Steps over a length-delimited field and returns where its bytes start; they end at `pos`. */
  rangeStart(tag: number, field: string): number {
    const length = this.length(tag, field)
    const start = this.pos
    this.pos = start + length
    return start
  }

  /** Whether the next `length` bytes, known to be there, are those at `earlier`. */
  repeats(earlier: number, length: number): boolean {
    const { bytes, pos } = this
    if (length < 4) return repeatsByByte(bytes, pos, earlier, length)
    if (this.words === undefined) {
      if (bytes.length - pos < WORTH_WORDS) return repeatsByByte(bytes, pos, earlier, length)
      this.words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    const { words } = this
    const last = length - 4
    for (let index = 0; index < last; index += 4) {
      if (words.getInt32(pos + index, true) !== words.getInt32(earlier + index, true)) return false
    }
    // The last four bytes, some of them for the second time.
    return words.getInt32(pos + last, true) === words.getInt32(earlier + last, true)
  }

  bool(tag: number, field: string): boolean {
    const small = this.smallVarint(tag, field)
    return small >= 0 ? small !== 0 : this.varint(field) !== 0n
  }

  /** An enum's number. */
  enum(tag: number, field: string): number {
    const small = this.smallVarint(tag, field)
    return small >= 0 ? small : Number(BigInt.asIntN(32, this.varint(field)))
  }

  /** An int64 that must be exact as a number. */
  int64(tag: number, field: string): number {
    const small = this.smallVarint(tag, field)
    if (small >= 0) return small
    const start = this.pos
    const value = Number(BigInt.asIntN(64, this.varint(field)))
    if (!Number.isSafeInteger(value)) throw malformed(field, start, 'a number beyond 2^53')
    return value
  }

  /** Moves over four or eight bytes and returns where they start. */
  fixed(tag: number, field: string, size: 4 | 8): number {
    const start = this.pos
    if ((tag & 7) !== (size === 4 ? FIXED32 : FIXED64)) throw this.wrongWireType(tag, field)
    if (size > this.end - start) throw this.truncated(field)
    this.pos = start + size
    return start
  }

  /** Steps over an unknown field (contract 1.1: tolerated in both directions). */
  skip(tag: number, message: string): void {
    const field = tag >>> 3
    if (field === 0) throw malformed(message, this.pos, 'field number 0')
    switch (tag & 7) {
      case VARINT:
        this.varint(message)
        return
      case FIXED64:
        this.fixed(tag, message, 8)
        return
      case LENGTH_DELIMITED:
        this.rangeStart(tag, message)
        return
      case START_GROUP:
        this.skipGroup(field, message)
        return
      case FIXED32:
        this.fixed(tag, message, 4)
        return
      default:
        throw this.wrongWireType(tag, `${message}.${field}`)
    }
  }

  private skipGroup(field: number, message: string): void {
    const open = [field]
    while (open.length > 0) {
      if (this.pos >= this.end) throw this.truncated(message)
      const tag = this.tag(message)
      if ((tag & 7) === START_GROUP) {
        if (open.length === DEEPEST_GROUP) throw malformed(message, this.pos, 'groups nested too deeply')
        open.push(tag >>> 3)
      } else if ((tag & 7) === END_GROUP) {
        if (open.pop() !== tag >>> 3) throw malformed(message, this.pos, 'a group ended that was not open')
      } else {
        this.skip(tag, message)
      }
    }
  }

  /** Reads the length of a length-delimited field; the bytes are known to be there. */
  private length(tag: number, field: string): number {
    if ((tag & 7) !== LENGTH_DELIMITED) throw this.wrongWireType(tag, field)
    const start = this.pos
    if (start >= this.end) throw this.truncated(field)
    let length = this.bytes[start]!
    if (length < 0x80) this.pos = start + 1
    else length = this.uint32(field)
    if (length > this.end - this.pos) {
      throw malformed(field, start, `a length of ${length} where ${this.end - this.pos} bytes are left`)
    }
    return length
  }

  /** A varint that must fit 32 bits: tags and lengths. */
  private uint32(field: string): number {
    const start = this.pos
    let value = 0
    for (let index = 0; index < 5; index++) {
      if (start + index >= this.end) throw this.truncated(field)
      const byte = this.bytes[start + index]!
      if (index === 4 && byte > 0x0f) break
      value |= (byte & 0x7f) << (7 * index)
      if (byte < 0x80) {
        this.pos = start + index + 1
        return value >>> 0
      }
    }
    throw malformed(field, start, 'a number of more than 32 bits')
  }

  /** A varint of up to four bytes, or -1 without having moved. */
  private smallVarint(tag: number, field: string): number {
    if ((tag & 7) !== VARINT) throw this.wrongWireType(tag, field)
    const { bytes, pos } = this
    const stop = Math.min(pos + 4, this.end)
    let value = 0
    for (let at = pos; at < stop; at++) {
      const byte = bytes[at]!
      value |= (byte & 0x7f) << (7 * (at - pos))
      if (byte < 0x80) {
        this.pos = at + 1
        return value
      }
    }
    return -1
  }

  /** A varint of up to 64 bits, unsigned. */
  private varint(field: string): bigint {
    const start = this.pos
    let value = 0n
    for (let index = 0; index < 10; index++) {
      if (start + index >= this.end) throw this.truncated(field)
      const byte = this.bytes[start + index]!
      value |= BigInt(byte & 0x7f) << BigInt(7 * index)
      if (byte < 0x80) {
        this.pos = start + index + 1
        return BigInt.asUintN(64, value)
      }
    }
    throw malformed(field, start, 'a varint of more than ten bytes')
  }

  private decode(start: number, end: number): string {
    const bytes = this.bytes
    if (end - start <= SHORT) {
      let text = ''
      let at = start
      while (at + 4 <= end) {
        const a = bytes[at]!
        const b = bytes[at + 1]!
        const c = bytes[at + 2]!
        const d = bytes[at + 3]!
        if ((a | b | c | d) > 0x7f) return this.utf8(start, end)
        text += fromCharCode(a, b, c, d)
        at += 4
      }
      while (at < end) {
        const a = bytes[at++]!
        if (a > 0x7f) return this.utf8(start, end)
        text += fromCharCode(a)
      }
      return text
    }
    return this.utf8(start, end)
  }

  private utf8(start: number, end: number): string {
    const { bytes } = this
    if (bytes instanceof Buffer) return bytes.toString('utf8', start, end)
    if (bytes.length <= IN_HEAP) {
      scratch.set(bytes)
      return scratch.toString('utf8', start, end)
    }
    this.text ??= Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    return this.text.toString('utf8', start, end)
  }

  private truncated(field: string): Error {
    return malformed(field, this.end, 'the bytes end early')
  }

  private wrongWireType(tag: number, field: string): Error {
    return malformed(field, this.pos, `wire type ${tag & 7} does not belong here`)
  }
}

function repeatsByByte(bytes: Uint8Array, at: number, earlier: number, length: number): boolean {
  for (let index = 0; index < length; index++) {
    if (bytes[at + index] !== bytes[earlier + index]) return false
  }
  return true
}
