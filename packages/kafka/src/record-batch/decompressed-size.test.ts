import { compressionsAlgorithms } from '@platformatic/kafka'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lz4Size, snappySize } from './decompressed-size.ts'

const lz4 = (data: Buffer) => compressionsAlgorithms.lz4.compressSync(data)
const snappy = (data: Buffer) => compressionsAlgorithms.snappy.compressSync(data)

/** As `snappy-java` frames its blocks. */
function xerial(...blocks: readonly Buffer[]): Buffer {
  const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
  const framed = blocks.flatMap((block) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(block.length)
    return [length, block]
  })
  return Buffer.concat([header, ...framed])
}

/** Runs of bytes, from noise to what compresses best. */
const data = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 20_000 })), {
    maxLength: 8,
  })
  .map((runs) =>
    Buffer.concat(runs.map(([bytes, times]) => Buffer.alloc(Math.min(bytes.length * times, 100_000), bytes))),
  )

describe('the size of compressed data is known before it is unfolded', () => {
  it('lz4', () => {
    fc.assert(
      fc.property(data, (plain) => {
        expect(lz4Size(lz4(plain), -1)).toBe(plain.length)
      }),
    )
  })

  it('lz4 of 5 MB, which takes several blocks, and of several frames', () => {
    const frame = lz4(Buffer.alloc(5_000_000, 'statefun'))
    expect(lz4Size(frame, -1)).toBe(5_000_000)
    expect(lz4Size(Buffer.concat([frame, frame]), -1)).toBe(10_000_000)
  })

  it('snappy', () => {
    fc.assert(
      fc.property(data, (plain) => {
        expect(snappySize(snappy(plain))).toBe(plain.length)
        expect(snappySize(xerial(snappy(plain), snappy(plain)))).toBe(2 * plain.length)
      }),
    )
  })
})

it('small lz4 data is not looked at', () => {
  expect(lz4Size(Buffer.alloc(100), 25_500)).toBe(25_500)
})

it.each([
  ['an lz4 frame of another kind', Buffer.from('02214c18ffffffff', 'hex')],
  ['an lz4 frame that is cut off', lz4(Buffer.alloc(1000)).subarray(0, 20)],
])('%s has no size', (_what, bytes) => {
  expect(() => lz4Size(bytes, -1)).toThrow(RangeError)
})

it.each([
  ['cut off', xerial(snappy(Buffer.alloc(1000))).subarray(0, 19)],
  ['malformed', Buffer.alloc(6, 0xff)],
])('snappy data that is %s has no size', (_what, bytes) => {
  expect(() => snappySize(bytes)).toThrow(RangeError)
})
