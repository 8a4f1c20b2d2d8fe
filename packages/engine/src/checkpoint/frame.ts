import { crc32 } from 'node:zlib'

/*
  frame => magic kind length crc payload
    magic   => 4 bytes, "SFC1"
    kind    => UINT8
    length  => UINT32, little endian, bytes of payload
    crc     => UINT32, little endian, CRC-32 of kind, length and payload
    payload => length bytes
*/
/** How every frame begins. */
export const FRAME_MAGIC: Buffer = Buffer.from('SFC1', 'latin1')

/** Bytes before the payload. */
export const FRAME_HEADER_BYTES = 13

export const FrameKind = {
  /** First in every file and object: format and app. */
  header: 0,
  /** What changed in one epoch. */
  epoch: 1,
  /** A part of a base snapshot. */
  baseChunk: 2,
  /** Last in a base snapshot. */
  baseEnd: 3,
  /** In a bucket: an engine takes the log over. */
  claim: 4,
} as const

export interface Frame {
  readonly kind: number
  /** A view into the file's buffer. */
  readonly payload: Buffer
}

/** The header of a frame around `payload`; write both, in order. */
export function frameHeader(kind: number, payload: Uint8Array): Buffer {
  const header = Buffer.allocUnsafeSlow(FRAME_HEADER_BYTES)
  FRAME_MAGIC.copy(header)
  header[4] = kind
  header.writeUInt32LE(payload.length, 5)
  header.writeUInt32LE(checksum(header, payload), 9)
  return header
}

/** The bytes of the payload behind a frame's header, or undefined when it is none. */
export function frameLength(header: Buffer): number | undefined {
  if (header.compare(FRAME_MAGIC, 0, FRAME_MAGIC.length, 0, FRAME_MAGIC.length) !== 0) return undefined
  return header.readUInt32LE(5)
}

/** The frame at `offset`, or undefined when what is there is not a whole, undamaged frame. */
export function readFrame(file: Buffer, offset: number): Frame | undefined {
  if (file.length - offset < FRAME_HEADER_BYTES) return undefined
  const start = offset + FRAME_HEADER_BYTES
  const header = file.subarray(offset, start)
  const length = frameLength(header)
  if (length === undefined || file.length - start < length) return undefined
  const payload = file.subarray(start, start + length)
  return header.readUInt32LE(9) === checksum(header, payload) ? { kind: header[4]!, payload } : undefined
}

/** The checksum of a frame as far as its header goes; what comes behind it is added to that. */
export function frameChecksum(header: Buffer): number {
  return crc32(header.subarray(4, 9))
}

function checksum(header: Buffer, payload: Uint8Array): number {
  return crc32(payload, frameChecksum(header))
}
