import { describe, expect, it } from 'vitest'
import type { OpenFile } from './file-system.ts'
import { frameHeader } from './frame.ts'
import { FrameReader } from './frame-reader.ts'

const frame = (payload: Uint8Array) => Buffer.concat([frameHeader(1, payload), payload])

/** A file of any size: what is given at a position, zeros elsewhere. Notes the longest read. */
function fileOf(pieces: readonly (readonly [at: number, bytes: Buffer])[]): OpenFile & { longest: number } {
  const refused = () => Promise.reject(new Error('read only'))
  return {
    longest: 0,
    async read(into, position) {
      this.longest = Math.max(this.longest, into.length)
      into.fill(0)
      for (const [at, bytes] of pieces) {
        const from = Math.max(at, position)
        const to = Math.min(at + bytes.length, position + into.length)
        if (from < to) into.set(bytes.subarray(from - at, to - at), from - position)
      }
      return into.length
    },
    append: refused,
    truncate: refused,
    sync: refused,
    size: refused,
    close: refused,
  }
}

const GIB = 1024 ** 3
const MIB = 1024 ** 2

describe('the frames of a file', () => {
  it.each([1, 7, 40, 100])(
    'are read one at a time, whatever is read at once (%i bytes)',
    async (chunkBytes) => {
      const payloads = [10, 0, 200, 3, 50].map((length) => Buffer.alloc(length, length))
      const file = Buffer.concat(payloads.map(frame))
      const reader = new FrameReader(fileOf([[0, file]]), file.length, chunkBytes)
      const found: Buffer[] = []
      for (let next = await reader.next(); next !== undefined; next = await reader.next())
        found.push(next.payload)
      // They stay as they were while others are read.
      expect(found).toEqual(payloads)
      expect(reader.offset).toBe(file.length)
    },
  )

  it('are found beyond 4 GiB, in memory that does not depend on the size', async () => {
    const at = 5 * GIB + 3
    const bytes = frame(Buffer.from('far'))
    const file = fileOf([[at, bytes]])
    const reader = new FrameReader(file, at + bytes.length)
    reader.offset = at
    expect((await reader.next())?.payload.toString()).toBe('far')
    expect(await reader.next()).toBeUndefined()
    expect(file.longest).toBeLessThanOrEqual(4 * MIB)
  })

  it('end where bytes are damaged, and tell a torn tail from damage', async () => {
    const whole = frame(Buffer.from('whole'))
    const torn = frame(Buffer.alloc(9 * MIB, 'SFC1')).subarray(0, 9 * MIB)
    const tail = Buffer.concat([whole, torn])
    const reader = new FrameReader(fileOf([[0, tail]]), tail.length)
    await reader.next()
    expect(await reader.next()).toBeUndefined()
    expect(reader.offset).toBe(whole.length)
    expect(await reader.anyAfter()).toBe(false)
    // The same bytes with a whole frame behind them, across the border of two reads.
    const at = whole.length + 1 + 4 * MIB - 2
    const file = Buffer.concat([tail.subarray(0, at), whole])
    const damaged = new FrameReader(fileOf([[0, file]]), file.length)
    await damaged.next()
    expect(await damaged.next()).toBeUndefined()
    expect(await damaged.anyAfter()).toBe(true)
  })
})
