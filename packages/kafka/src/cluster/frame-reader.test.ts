import { describe, expect, it } from 'vitest'
import { FrameReader } from './frame-reader.ts'

function frame(body: Uint8Array): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length)
  return Buffer.concat([size, body])
}

function body(length: number, seed: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => (i * 31 + seed) & 0xff))
}

/** All frames of a stream that comes in chunks of a size, in a buffer that is written anew for each chunk. */
function readAll(stream: Buffer, chunk: number): Buffer[] {
  const frames: Buffer[] = []
  const reader = new FrameReader((each) => frames.push(each))
  const shared = Buffer.alloc(chunk)
  for (let at = 0; at < stream.length; at += chunk) {
    const count = stream.copy(shared, 0, at, at + chunk)
    reader.read(shared.subarray(0, count))
  }
  return frames
}

describe('FrameReader', () => {
  it.each([1, 2, 3, 5, 7, 64, 4096, 70_000])('puts responses together from chunks of %i bytes', (chunk) => {
    const bodies = [4, 5, 100, 2047, 2048, 9000, 4].map((length, index) => body(length, index))
    const stream = Buffer.concat(bodies.map(frame))
    expect(readAll(stream, chunk)).toEqual(bodies)
  })

  it('gives a large response memory of its own size', () => {
    const [large] = readAll(frame(body(9000, 1)), 1000)
    expect(large!.buffer.byteLength).toBe(9000)
  })

  it('does not lay out at once what somebody only claims to send', () => {
    const reader = new FrameReader(() => expect.unreachable())
    const size = Buffer.alloc(4)
    size.writeInt32BE(1024 ** 3)
    const before = process.memoryUsage().arrayBuffers
    reader.read(size)
    reader.read(Buffer.alloc(1000))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 1024 ** 2)
  })

  it('puts a response together that is larger than what is laid out at first', () => {
    const large = Buffer.alloc(81 * 1024 ** 2, 7)
    large[large.length - 1] = 9
    const [read] = readAll(frame(large), 1024 ** 2)
    expect(read!.equals(large)).toBe(true)
  })

  it.each([
    ['an HTTP server', Buffer.from('HTTP/1.1 400 Bad Request\r\n'), 'PLT_KFK_NETWORK'],
    ['a size below that of a correlation id', Buffer.from([0, 0, 0, 3, 1, 2, 3]), 'PLT_KFK_NETWORK'],
    ['a negative size', Buffer.from([255, 255, 255, 255]), 'PLT_KFK_NETWORK'],
    ['a TLS alert', Buffer.from([0x15, 3, 3, 0, 2, 2, 80]), 'PLT_KFK_USER'],
  ])('refuses %s', (_, bytes, code) => {
    const reader = new FrameReader(() => expect.unreachable())
    expect(() => reader.read(bytes)).toThrow(expect.objectContaining({ code }))
  })

  it('takes a later size for what it is, though a TLS record would begin so', () => {
    const bodies = [body(4, 1), Buffer.alloc(0x15030100 & 0xffff, 2)]
    expect(readAll(Buffer.concat(bodies.map(frame)), 1000)).toEqual(bodies)
  })
})
