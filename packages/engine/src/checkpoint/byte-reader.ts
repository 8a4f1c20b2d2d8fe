/** Reads what {@link ByteWriter} wrote. Every read is checked against the end; a RangeError means that bytes are damaged. */
export class ByteReader {
  readonly buffer: Buffer
  #at = 0
  readonly #dictionary: string[] = []

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get done(): boolean {
    return this.#at === this.buffer.length
  }

  /** Where the next element begins. */
  get at(): number {
    return this.#at
  }

  byte(): number {
    return this.buffer[this.#take(1)]!
  }

  varint(): number {
    let value = 0
    let scale = 1
    for (let i = 0; i < 8; i++) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 0x80
    }
    throw new RangeError(`a number at byte ${this.#at} is too long`)
  }

  double(): number {
    return this.buffer.readDoubleLE(this.#take(8))
  }

  /** A copy: what is kept must not hold on to the file's buffer. */
  bytes(): Uint8Array {
    const length = this.varint()
    const at = this.#take(length)
    return new Uint8Array(this.buffer.subarray(at, at + length))
  }

  /** Passes text or bytes, which begin at the offset returned and end {@link at} where the reader stands then. */
  part(): number {
    return this.#take(this.varint())
  }

  text(): string {
    const length = this.varint()
    const at = this.#take(length)
    return this.buffer.toString('utf8', at, at + length)
  }

  repeated(): string {
    const number = this.varint()
    if (number === 0) {
      const text = this.text()
      this.#dictionary.push(text)
      return text
    }
    const text = this.#dictionary[number - 1]
    if (text === undefined) throw new RangeError(`text number ${number} is not in the dictionary`)
    return text
  }

  #take(bytes: number): number {
    const at = this.#at
    if (bytes > this.buffer.length - at)
      throw new RangeError(`${bytes} bytes expected at byte ${at}, ${this.buffer.length - at} left`)
    this.#at += bytes
    return at
  }
}
