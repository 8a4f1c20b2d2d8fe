const SHORT = 64

/** Appends to a growing buffer: varints, doubles, length-prefixed text and bytes. */
export class ByteWriter {
  #buffer: Buffer
  #at = 0
  readonly #dictionary = new Map<string, number>()

  constructor(initialBytes = 64 * 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(initialBytes)
  }

  get length(): number {
    return this.#at
  }

  /**
   * Forgets what was written, for something of which at least so many bytes are expected. The buffer stays unless it is far
   * larger than what it held: one that is made anew each time is garbage that only a full collection frees.
   */
  begin(bytes: number): void {
    const wanted = Math.max(bytes, this.#at)
    if (this.#buffer.length < wanted || this.#buffer.length > 4 * wanted) {
      this.#buffer = Buffer.allocUnsafeSlow(wanted)
    }
    this.#at = 0
    this.#dictionary.clear()
  }

  /** What was written: a view that later writes do not change, until {@link begin}. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#at)
  }

  byte(value: number): void {
    this.#room(1)
    this.#buffer[this.#at++] = value
  }

  /** A whole number from 0 to 2^53 - 1, seven bits a byte, least significant first. */
  varint(value: number): void {
    this.#room(8)
    let rest = value
    while (rest > 0x7f) {
      this.#buffer[this.#at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#buffer[this.#at++] = rest
  }

  double(value: number): void {
    this.#room(8)
    this.#at = this.#buffer.writeDoubleLE(value, this.#at)
  }

  bytes(value: Uint8Array): void {
    this.varint(value.length)
    this.#room(value.length)
    this.#buffer.set(value, this.#at)
    this.#at += value.length
  }

  /** As {@link bytes}, without a view: what is short is copied byte by byte, which beats a call. */
  part(from: Buffer, start: number, end: number): void {
    const length = end - start
    this.varint(length)
    if (length > SHORT) {
      this.raw(from, start, end)
      return
    }
    this.#room(length)
    const buffer = this.#buffer
    for (let at = start; at < end; at++) buffer[this.#at++] = from[at]!
  }

  /** What another writer or a record holds in this grammar, as it is. */
  raw(from: Buffer, start: number, end: number): void {
    this.#room(end - start)
    from.copy(this.#buffer, this.#at, start, end)
    this.#at += end - start
  }

  text(value: string): void {
    // Ids are short and ASCII as a rule: their length in bytes is known without a pass over them when that holds.
    const worst = value.length * 3
    this.#room(worst + 8)
    if (worst < 0x80) {
      const written = this.#buffer.write(value, this.#at + 1, 'utf8')
      this.#buffer[this.#at] = written
      this.#at += 1 + written
      return
    }
    this.varint(Buffer.byteLength(value))
    this.#at += this.#buffer.write(value, this.#at, 'utf8')
  }

  /** Text that comes again and again: in full the first time, then by number. */
  repeated(value: string): void {
    const known = this.#dictionary.get(value)
    if (known !== undefined) {
      this.varint(known)
      return
    }
    this.#dictionary.set(value, this.#dictionary.size + 1)
    this.varint(0)
    this.text(value)
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#at + bytes))
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }
}
