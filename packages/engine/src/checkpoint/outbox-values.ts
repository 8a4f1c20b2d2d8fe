/*
  values => [length value]*
    length => VARINT, bytes of the value
*/

/** Records of an outbox in order of emission, gathered in one growing buffer. */
export class OutboxValues {
  #buffer: Buffer
  #at = 0

  constructor(initialBytes = 16 * 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(initialBytes)
  }

  /** Bytes so far. */
  get length(): number {
    return this.#at
  }

  /** Appends a copy. */
  push(value: Uint8Array): void {
    const room = value.length + 5
    if (this.#at + room > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#at + room))
      this.#buffer.copy(larger, 0, 0, this.#at)
      this.#buffer = larger
    }
    let rest = value.length
    while (rest > 0x7f) {
      this.#buffer[this.#at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#buffer[this.#at++] = rest
    this.#buffer.set(value, this.#at)
    this.#at += value.length
  }

  /** Forgets what was gathered, and uses its memory for what is pushed from now on. */
  reset(): void {
    this.#at = 0
  }

  /** Bytes that it takes. */
  get capacity(): number {
    return this.#buffer.length
  }

  /** What was gathered; nothing may be pushed afterwards, until {@link reset}. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#at)
  }
}

/**
 * The records in what {@link OutboxValues.finish} returned, as views.
 *
 * @throws RangeError when the bytes are not what the grammar says
 */
export function* outboxValues(values: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < values.length; ) {
    let length = 0
    for (let shift = 0; ; shift += 7) {
      const byte = values[at++]
      if (byte === undefined || shift > 28) throw new RangeError(`a length at byte ${at} does not end`)
      length += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    if (length > values.length - at) throw new RangeError(`${length} bytes expected at byte ${at}`)
    yield values.subarray(at, at + length)
    at += length
  }
}
