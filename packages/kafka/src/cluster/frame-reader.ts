import { NetworkError, UserError } from './client-library.ts'

const SIZE_BYTES = 4
/** Smaller ones come from Node's pool; larger ones are memory of their own, given back when nobody has a view of it. */
const POOLED_BYTES = 2048
/** Above what any broker sends: who talks HTTP names 1.2 GB by its first letters. */
const LARGEST_BYTES = 1024 ** 3
/** Whoever names so much has to send that much, piece by piece, before it is laid out whole. */
const EAGER_BYTES = 80 * 1024 ** 2

/** Puts the responses of a stream together: each is four bytes of size and so many more. */
export class FrameReader {
  readonly #take: (frame: Buffer) => void
  readonly #size = Buffer.alloc(SIZE_BYTES)
  #sizeRead = 0
  #started = false
  #frame: Buffer | undefined
  #wanted = 0
  #filled = 0

  /** @param take gets each frame without its size, as a buffer that nobody else writes to */
  constructor(take: (frame: Buffer) => void) {
    this.#take = take
  }

  /**
   * Reads on; the bytes are copied.
   *
   * @throws UserError for the beginning of a TLS record; NetworkError for a size that cannot be; what `take` throws
   */
  read(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#frame === undefined) {
        at = this.#readSize(bytes, at)
        continue
      }
      const count = Math.min(bytes.length - at, this.#wanted - this.#filled)
      this.#room(this.#filled + count).set(bytes.subarray(at, at + count), this.#filled)
      this.#filled += count
      at += count
      if (this.#filled < this.#wanted) continue
      const frame = this.#frame.subarray(0, this.#wanted)
      this.#frame = undefined
      this.#take(frame)
    }
  }

  #readSize(bytes: Uint8Array, start: number): number {
    let at = start
    while (at < bytes.length && this.#sizeRead < SIZE_BYTES) this.#size[this.#sizeRead++] = bytes[at++]!
    if (this.#sizeRead < SIZE_BYTES) return at
    this.#sizeRead = 0
    if (!this.#started && isTlsRecord(this.#size)) throw new UserError('Broker requires TLS.')
    this.#started = true
    const size = this.#size.readInt32BE(0)
    if (size < SIZE_BYTES || size > LARGEST_BYTES) {
      throw new NetworkError(`what answers does not speak the Kafka protocol: a response of ${size} bytes`)
    }
    this.#wanted = size
    this.#filled = 0
    this.#frame =
      size < POOLED_BYTES ? Buffer.allocUnsafe(size) : Buffer.allocUnsafeSlow(Math.min(size, EAGER_BYTES))
    return at
  }

  /** The frame's buffer, with room for so many bytes. */
  #room(bytes: number): Buffer {
    const frame = this.#frame!
    if (bytes <= frame.length) return frame
    const larger = Buffer.allocUnsafeSlow(Math.min(this.#wanted, frame.length * 2))
    frame.copy(larger, 0, 0, this.#filled)
    this.#frame = larger
    return larger
  }
}

/** A broker that wants TLS answers a plain request with an alert: record type, version 3.x. */
function isTlsRecord(head: Uint8Array): boolean {
  return head[0]! >= 0x14 && head[0]! <= 0x17 && head[1] === 3 && head[2]! <= 4
}
