import { crc32 } from 'node:zlib'
import type { OpenFile } from './file-system.ts'
import {
  FRAME_HEADER_BYTES,
  FRAME_MAGIC,
  type Frame,
  frameChecksum,
  frameLength,
  readFrame,
} from './frame.ts'

/** Bytes that are read at once. */
const CHUNK_BYTES = 4 * 1024 * 1024

/** Bytes of a payload in which its number and time are. */
const HEAD_BYTES = 24

/** Reads the frames of a file, one at a time, in memory that does not depend on how long the file is. */
export class FrameReader {
  /** Where the next frame begins. */
  offset = 0
  /** Bytes of the file when it was opened: what is appended meanwhile is not looked at. */
  readonly size: number
  readonly #file: OpenFile
  readonly #chunkBytes: number
  #window: Buffer = Buffer.alloc(0)
  #windowAt = 0

  constructor(file: OpenFile, size: number, chunkBytes: number = CHUNK_BYTES) {
    this.#file = file
    this.size = size
    this.#chunkBytes = chunkBytes
  }

  /** Undefined at the end, and where bytes are not a whole, undamaged frame: {@link offset} is less than {@link size} then. */
  async next(): Promise<Frame | undefined> {
    const left = this.size - this.offset
    if (left < FRAME_HEADER_BYTES) return undefined
    const length = frameLength(await this.#bytes(this.offset, FRAME_HEADER_BYTES))
    if (length === undefined || length > left - FRAME_HEADER_BYTES) return undefined
    const frame = readFrame(await this.#bytes(this.offset, FRAME_HEADER_BYTES + length), 0)
    if (frame !== undefined) this.offset += FRAME_HEADER_BYTES + length
    return frame
  }

  /** As {@link next}, without the checksum: the kind of the frame and the first bytes of its payload. */
  async head(): Promise<{ readonly kind: number; readonly start: Buffer } | undefined> {
    const left = this.size - this.offset
    if (left < FRAME_HEADER_BYTES) return undefined
    const bytes = await this.#bytes(this.offset, Math.min(FRAME_HEADER_BYTES + HEAD_BYTES, left))
    const length = frameLength(bytes)
    if (length === undefined || length > left - FRAME_HEADER_BYTES) return undefined
    this.offset += FRAME_HEADER_BYTES + length
    return {
      kind: bytes[4]!,
      start: bytes.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + Math.min(length, HEAD_BYTES)),
    }
  }

  /** Whether a whole frame comes after the bytes that {@link next} could not read: tells damage from a torn tail. */
  async anyAfter(): Promise<boolean> {
    for (let at = this.offset + 1; at < this.size; ) {
      const chunk = await this.#bytes(at, Math.min(CHUNK_BYTES, this.size - at))
      for (
        let found = chunk.indexOf(FRAME_MAGIC);
        found !== -1;
        found = chunk.indexOf(FRAME_MAGIC, found + 1)
      ) {
        // A header across the border is in the next chunk, too.
        if (found + FRAME_HEADER_BYTES > chunk.length) break
        const length = frameLength(chunk.subarray(found, found + FRAME_HEADER_BYTES))!
        if (length > this.size - at - found - FRAME_HEADER_BYTES) continue
        if (await this.#isFrame(at + found)) return true
      }
      if (at + chunk.length === this.size) return false
      at += chunk.length - FRAME_HEADER_BYTES + 1
    }
    return false
  }

  /** Compares the checksum of what looks like a frame, without holding the payload. */
  async #isFrame(at: number): Promise<boolean> {
    const header = await this.#read(at, FRAME_HEADER_BYTES)
    const length = frameLength(header)!
    const start = at + FRAME_HEADER_BYTES
    let checksum = frameChecksum(header)
    for (let done = 0; done < length; ) {
      const part = await this.#read(start + done, Math.min(CHUNK_BYTES, length - done))
      checksum = crc32(part, checksum)
      done += part.length
    }
    return header.readUInt32LE(9) === checksum
  }

  /** A view that stays as it is: what is read later goes to another buffer. */
  async #bytes(at: number, length: number): Promise<Buffer> {
    if (at < this.#windowAt || at + length > this.#windowAt + this.#window.length) {
      this.#window = await this.#read(at, Math.min(Math.max(length, this.#chunkBytes), this.size - at))
      this.#windowAt = at
    }
    return this.#window.subarray(at - this.#windowAt, at - this.#windowAt + length)
  }

  async #read(at: number, length: number): Promise<Buffer> {
    const into = Buffer.allocUnsafeSlow(length)
    for (let done = 0; done < length; ) {
      const bytes = await this.#file.read(into.subarray(done), at + done)
      // The file was cut meanwhile: what is missing cannot have the right checksum, as zeros.
      if (bytes === 0) {
        into.fill(0, done)
        break
      }
      done += bytes
    }
    return into
  }
}
