import { crc32 } from 'node:zlib'

/*
  frame => magic kind length crc payload
    magic   => 4 bytes, "SFC1"
    kind    => UINT8
    length  => UINT32, little endian, bytes of payload
    crc     => UINT32, little endian, CRC-32 of kind, length and payload
    payload => length bytes
*/
const MAGIC = Buffer.from('SFC1', 'latin1')

/** Bytes before the payload. */
export const FRAME_HEADER_BYTES = 13

export const FrameKind = {
  /** First in every file: format and app. */
  header: 0,
  /** What changed in one epoch. */
  epoch: 1,
  /** A part of a base snapshot. */
  baseChunk: 2,
  /** Last in a base snapshot. */
  baseEnd: 3,
} as const

export interface Frame {
  readonly kind: number
  /** A view into the file's buffer. */
  readonly payload: Buffer
}

/** The header of a frame around `payload`; write both, in order. */
export function frameHeader(kind: number, payload: Uint8Array): Buffer {
  const header = Buffer.allocUnsafeSlow(FRAME_HEADER_BYTES)
  MAGIC.copy(header)
  header[4] = kind
  header.writeUInt32LE(payload.length, 5)
  header.writeUInt32LE(checksum(header, payload), 9)
  return header
}

/** The frame at `offset`, or undefined when what is there is not a whole, undamaged frame. */
export function readFrame(file: Buffer, offset: number): Frame | undefined {
  if (file.length - offset < FRAME_HEADER_BYTES) return undefined
  if (file.compare(MAGIC, 0, MAGIC.length, offset, offset + MAGIC.length) !== 0) return undefined
  const length = file.readUInt32LE(offset + 5)
  const start = offset + FRAME_HEADER_BYTES
  if (file.length - start < length) return undefined
  const payload = file.subarray(start, start + length)
  const header = file.subarray(offset, start)
  return header.readUInt32LE(9) === checksum(header, payload) ? { kind: header[4]!, payload } : undefined
}

/** The offset of the next whole frame after `offset`, or undefined: tells a torn tail from damage in the middle. */
export function nextFrame(file: Buffer, offset: number): number | undefined {
  for (let at = file.indexOf(MAGIC, offset + 1); at !== -1; at = file.indexOf(MAGIC, at + 1)) {
    if (readFrame(file, at) !== undefined) return at
  }
  return undefined
}

function checksum(header: Buffer, payload: Uint8Array): number {
  return crc32(payload, crc32(header.subarray(4, 9)))
}
