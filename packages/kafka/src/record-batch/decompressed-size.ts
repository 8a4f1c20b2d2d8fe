/** What `snappy-java` and Kafka's clients put before their blocks. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const XERIAL_HEADER_SIZE = 16

const LZ4_MAGIC = 0x184d2204
const LZ4_FLAG = { blockChecksum: 0x10, contentSize: 0x08, contentChecksum: 0x04, dictionary: 0x01 } as const
/** High bit of a block's size: it is stored as it is. */
const LZ4_STORED = 0x8000_0000
/** A byte of an LZ4 block unfolds to no more than this. */
const LZ4_MOST_RATIO = 255

/**
 * Bytes that snappy data unfolds to, as its blocks say; its decoder holds them to it.
 *
 * @throws RangeError when the data is cut off
 */
export function snappySize(data: Buffer): number {
  if (!data.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return declaredSize(data, 0)
  let size = 0
  for (let at = XERIAL_HEADER_SIZE; at < data.length; ) {
    const length = data.readUInt32BE(at)
    size += declaredSize(data, at + 4)
    at += 4 + length
  }
  return size
}

/** A varint at the beginning of a block. */
function declaredSize(data: Buffer, start: number): number {
  let size = 0
  for (let i = 0; i < 5; i++) {
    const byte = data.readUInt8(start + i)
    size += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return size
  }
  throw new RangeError('the size of a snappy block is malformed')
}

/**
 * Bytes that LZ4 frames unfold to at most, never more than `enough` when that suffices: most batches are too small to be
 * looked at.
 *
 * @throws RangeError when the data is cut off or is of another format, whose size is not known
 */
export function lz4Size(data: Buffer, enough: number): number {
  const most = data.length * LZ4_MOST_RATIO
  if (most <= enough) return most
  let size = 0
  for (let at = 0; at < data.length; ) {
    if (data.readUInt32LE(at) !== LZ4_MAGIC) throw new RangeError('it is no LZ4 frame')
    const flags = data.readUInt8(at + 4)
    at += 7
    if ((flags & LZ4_FLAG.contentSize) !== 0) at += 8
    if ((flags & LZ4_FLAG.dictionary) !== 0) at += 4
    for (;;) {
      const header = data.readUInt32LE(at)
      at += 4
      if (header === 0) break
      const length = header % LZ4_STORED
      size += header >= LZ4_STORED ? length : blockSize(data, at, at + length)
      at += length
      if ((flags & LZ4_FLAG.blockChecksum) !== 0) at += 4
    }
    if ((flags & LZ4_FLAG.contentChecksum) !== 0) at += 4
  }
  return size
}

/** Adds up the literals and matches of an LZ4 block. */
function blockSize(data: Buffer, start: number, end: number): number {
  let size = 0
  let at = start
  const extended = (length: number): number => {
    if (length < 15) return length
    for (let all = length; ; ) {
      const byte = data.readUInt8(at++)
      all += byte
      if (byte !== 255) return all
    }
  }
  while (at < end) {
    const token = data.readUInt8(at++)
    const literals = extended(token >>> 4)
    size += literals
    at += literals
    if (at >= end) break
    at += 2
    size += extended(token & 15) + 4
  }
  return size
}
