/** Thrown for bytes that are no message of protobuf; never leaves this folder. */
export class NotProtobuf extends Error {}

/** Steps through the fields of one protobuf message within a larger buffer. */
export class ProtoCursor {
  readonly #bytes: Uint8Array
  #at: number
  #end: number

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  get done(): boolean {
    return this.#at >= this.#end
  }

  /** A number of up to 53 bits; also a tag (`field << 3 | wire type`). */
  varint(): number {
    let value = 0
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      if (this.#at >= this.#end) throw new NotProtobuf()
      const byte = this.#bytes[this.#at++]!
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
    throw new NotProtobuf()
  }

  /** A field with a length, as a cursor of its own. */
  nested(): ProtoCursor {
    const start = this.#skip(this.varint())
    return new ProtoCursor(this.#bytes, start, this.#at)
  }

  /** A field with a length, as a view. */
  bytes(): Uint8Array {
    const start = this.#skip(this.varint())
    return this.#bytes.subarray(start, this.#at)
  }

  text(): string {
    const start = this.#skip(this.varint())
    const { buffer, byteOffset } = this.#bytes
    return Buffer.from(buffer, byteOffset + start, this.#at - start).toString('utf8')
  }

  /** Passes over the field behind a tag. */
  skip(tag: number): void {
    const wireType = tag & 7
    if (wireType === 0) this.varint()
    else if (wireType === 1) this.#skip(8)
    else if (wireType === 2) this.#skip(this.varint())
    else if (wireType === 5) this.#skip(4)
    else throw new NotProtobuf()
  }

  #skip(length: number): number {
    const start = this.#at
    if (length > this.#end - start) throw new NotProtobuf()
    this.#at = start + length
    return start
  }
}
