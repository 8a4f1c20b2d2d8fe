import { Buffer } from 'node:buffer'

/** Messages are written into blocks of this size, one below the other, and stay there. */
const BLOCK_SIZE = 16 * 1024
/** A longer message gets memory of its own, so that who keeps one does not keep much more. */
const LARGEST_SHARED = 4 * 1024
/** A buffer larger than this, grown by one giant message, is not kept for the next one. */
const LARGEST_KEPT = 4 * 1024 * 1024

/** Up to this many characters or bytes a loop beats the call into native code (measured). */
const SHORT = 12

const NAME_SLOTS = 256
const LONGEST_NAME = 96
const nameTexts: string[] = new Array<string>(NAME_SLOTS).fill('')
const nameBytes: Uint8Array[] = new Array<Uint8Array>(NAME_SLOTS).fill(new Uint8Array(0))

/**
 * Writes protobuf **back to front**: when a nested message's length is due, its content already stands behind it. So one
 * pass without sizes computed ahead is enough, and fields and list items are written last one first.
 *
 * Scalars that have their default are left out, as proto3 does for fields without presence.
 */
export class Writer {
  private block: Buffer = Buffer.allocUnsafeSlow(BLOCK_SIZE)
  /** From here to its end the block belongs to messages that were handed out. */
  private taken = BLOCK_SIZE
  /** For messages that no block holds. */
  private grown: Buffer | undefined = undefined
  /** The message so far is `buffer[pos, end)`; the buffer is the block or the grown one. */
  private buffer = this.block
  private pos = BLOCK_SIZE
  private end = BLOCK_SIZE

  /** Starts a new message; whatever a failed attempt left is forgotten. */
  begin(): this {
    this.buffer = this.block
    this.pos = this.taken
    this.end = this.taken
    return this
  }

  /**
   * The finished message as bytes of the caller's own, in a memory block that others may share: an ArrayBuffer for each
   * would cost ten times as much (measured).
   */
  finish(): Uint8Array {
    const { buffer, pos, end } = this
    const length = end - pos
    // Never a Buffer: its `slice` would give a view where that of a Uint8Array gives a copy.
    if (buffer === this.block && length <= LARGEST_SHARED) {
      this.taken = pos
      return new Uint8Array(buffer.buffer, pos, length)
    }
    const message = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
    message.set(buffer.subarray(pos, end))
    return message
  }

  /** How much has been written; the mark to hand to {@link message} after the content of a nested message. */
  mark(): number {
    return this.end - this.pos
  }

  /** Closes the nested message whose content was written since `mark`. */
  message(tag: number, mark: number): void {
    this.head(tag, this.mark() - mark)
  }

  /** A text that differs from message to message. */
  string(tag: number, text: string): void {
    const length = text.length
    if (length === 0) return
    if (length <= SHORT) {
      this.reserve(length)
      const start = this.pos - length
      const buffer = this.buffer
      for (let index = 0; index < length; index++) {
        const code = text.charCodeAt(index)
        if (code > 0x7f) {
          this.head(tag, this.utf8(text))
          return
        }
        buffer[start + index] = code
      }
      this.pos = start
      this.head(tag, length)
      return
    }
    this.head(tag, this.utf8(text))
  }

  /** A text of a small vocabulary: typenames, namespaces, state names. Its bytes are remembered. */
  name(tag: number, text: string): void {
    const length = text.length
    if (length <= SHORT || length > LONGEST_NAME) {
      this.string(tag, text)
      return
    }
    const slot =
      (length * 31 + text.charCodeAt(length - 1) * 13 + text.charCodeAt(length >> 1) * 17) & (NAME_SLOTS - 1)
    if (nameTexts[slot] !== text) {
      nameBytes[slot] = Buffer.from(text)
      nameTexts[slot] = text
    }
    this.bytes(tag, nameBytes[slot]!)
  }

  bytes(tag: number, value: Uint8Array): void {
    const length = value.length
    if (length === 0) return
    this.reserve(length)
    const start = this.pos - length
    if (length <= SHORT) {
      const buffer = this.buffer
      for (let index = 0; index < length; index++) buffer[start + index] = value[index]!
    } else {
      this.buffer.set(value, start)
    }
    this.pos = start
    this.head(tag, length)
  }

  bool(tag: number, value: boolean): void {
    if (!value) return
    this.reserve(1)
    this.buffer[--this.pos] = 1
    this.varint(tag)
  }

  /** An int64 that is a safe integer; negative ones take ten bytes. */
  int64(tag: number, value: number): void {
    if (value === 0) return
    if (value > 0 && value <= 0x7fffffff) {
      this.varint(value)
    } else {
      this.reserve(10)
      let rest = BigInt.asUintN(64, BigInt(value))
      const groups: number[] = []
      while (rest > 0x7fn) {
        groups.push(Number(rest & 0x7fn) | 0x80)
        rest >>= 7n
      }
      groups.push(Number(rest))
      this.pos -= groups.length
      this.buffer.set(groups, this.pos)
    }
    this.varint(tag)
  }

  /** Writes bare UTF-8 and returns its length; a lone surrogate becomes U+FFFD. */
  utf8(text: string): number {
    const length = Buffer.byteLength(text)
    this.reserve(length)
    this.pos -= length
    this.buffer.write(text, this.pos, 'utf8')
    return length
  }

  private head(tag: number, length: number): void {
    this.varint(length)
    this.varint(tag)
  }

  /** Writes a number below 2^31. */
  private varint(value: number): void {
    this.reserve(5)
    if (value < 0x80) {
      this.buffer[--this.pos] = value
      return
    }
    let size = 2
    for (let rest = value >>> 14; rest > 0; rest >>>= 7) size++
    this.pos -= size
    let at = this.pos
    let rest = value
    while (rest > 0x7f) {
      this.buffer[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.buffer[at] = rest
  }

  private reserve(length: number): void {
    if (this.pos < length) this.grow(length)
  }

  private grow(length: number): void {
    const { buffer, pos, end } = this
    const written = end - pos
    this.buffer = this.roomFor(written + length)
    this.end = this.buffer.length
    this.pos = this.end - written
    buffer.copy(this.buffer, this.pos, pos, end)
  }

  /** A fresh block, or the grown buffer, made larger when it is not large enough. */
  private roomFor(length: number): Buffer {
    if (length <= BLOCK_SIZE) {
      this.block = Buffer.allocUnsafeSlow(BLOCK_SIZE)
      this.taken = BLOCK_SIZE
      return this.block
    }
    if (this.grown !== undefined && length <= this.grown.length) return this.grown
    const grown = Buffer.allocUnsafeSlow(length * 2)
    this.grown = grown.length <= LARGEST_KEPT ? grown : undefined
    return grown
  }
}

/** The one writer: encoding is synchronous and calls nobody else's code. */
export const writer: Writer = new Writer()
