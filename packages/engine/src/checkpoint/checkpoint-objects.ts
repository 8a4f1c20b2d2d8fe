import { StatefunError } from '@statefun/protocol'
import { FRAME_HEADER_BYTES, type Frame, FrameKind, frameHeader, readFrame } from './frame.ts'
import type { CheckpointIdentity } from './storage.ts'

/** Raised when objects of an earlier release can no longer be read. */
export const OBJECT_FORMAT = 1

/** What the header frame of every object says. */
export interface ObjectHeader extends CheckpointIdentity {
  /** Of the log object, or of the snapshot that the object belongs to. */
  readonly slot: number
  /** The slot at which its writer took over, and the writer's uuid. A copied checkpoint has no claim: 0. */
  readonly claim: number
  readonly owner: string
  /** See {@link CheckpointHeader}. */
  readonly savepoint: boolean
}

/** What a claim says besides its header, for people. */
export interface Claim {
  readonly host: string
  /** Epoch milliseconds by that machine's clock. */
  readonly time: number
}

/** What the last object of a snapshot says. */
export interface BaseEnd {
  /** The objects before it, in order: their sizes and the CRC-32 of all their bytes. */
  readonly parts: readonly { readonly bytes: number; readonly crc: number }[]
  /** The epoch in the snapshot's slot, or the first one after it. */
  readonly firstEpoch: number
  /** The first epoch whose state the snapshot gives, with the log up to it. */
  readonly validFrom: number
  /** When it was begun, in epoch milliseconds. */
  readonly time: number
}

/** The size of a claim is a multiple of this, that of any other object is not: a listing alone tells them apart. */
const CLAIM_STEP_BYTES = 1024

/** Whether a log object of this size is a claim. */
export function isClaimSize(bytes: number): boolean {
  return bytes % CLAIM_STEP_BYTES === 0
}

/** An object in one piece: a header frame and the frames given, in order. */
export function encodeObject(
  header: ObjectHeader,
  frames: readonly { readonly kind: number; readonly payload: Uint8Array }[],
): Buffer {
  const json = JSON.stringify({ format: OBJECT_FORMAT, ...header })
  const bytes = frames.reduce(
    (sum, { payload }) => sum + FRAME_HEADER_BYTES + payload.length,
    FRAME_HEADER_BYTES + Buffer.byteLength(json),
  )
  const isClaim = frames.some(({ kind }) => kind === FrameKind.claim)
  const toStep = (CLAIM_STEP_BYTES - (bytes % CLAIM_STEP_BYTES)) % CLAIM_STEP_BYTES
  // JSON may end with spaces.
  const first = Buffer.from(json + ' '.repeat(isClaim ? toStep : toStep === 0 ? 1 : 0))
  const parts = [frameHeader(FrameKind.header, first), first]
  for (const { kind, payload } of frames) parts.push(frameHeader(kind, payload), asBuffer(payload))
  return Buffer.concat(parts)
}

/** A frame whose payload is JSON. */
export function jsonFrame(kind: number, content: Claim | BaseEnd): { kind: number; payload: Buffer } {
  return { kind, payload: Buffer.from(JSON.stringify(content)) }
}

/**
 * Reads an object.
 *
 * @param url for messages
 * @throws StatefunError `SF_CHECKPOINT_CORRUPT`, `SF_CHECKPOINT_FOREIGN` when its format is newer than this release's
 */
export function decodeObject(
  url: string,
  bytes: Uint8Array,
): { readonly header: ObjectHeader; readonly frames: readonly Frame[] } {
  const file = asBuffer(bytes)
  const frames: Frame[] = []
  for (let at = 0; at < file.length; ) {
    const frame = readFrame(file, at)
    if (frame === undefined) throw damaged(url, `a checksum does not match at byte ${at}`)
    frames.push(frame)
    at += FRAME_HEADER_BYTES + frame.payload.length
  }
  const first = frames.shift()
  if (first?.kind !== FrameKind.header) throw damaged(url, 'the object has no header')
  const { format, ...header } = parsed<ObjectHeader & { format: number }>(first, url)
  if (format > OBJECT_FORMAT) {
    throw new StatefunError(
      'SF_CHECKPOINT_FOREIGN',
      `the checkpoint has format ${format}, this release reads up to ${OBJECT_FORMAT}`,
      { where: url, hint: 'start it with the release that wrote it, or a newer one' },
    )
  }
  return { header, frames }
}

/** The content of a frame that {@link jsonFrame} made. */
export function parsed<T extends Claim | BaseEnd | ObjectHeader>(frame: Frame, url: string): T {
  try {
    // The frame's checksum holds: what is in it is what this code wrote.
    return JSON.parse(frame.payload.toString()) as T
  } catch (cause) {
    throw damaged(url, 'a frame is not what its kind says', cause)
  }
}

/** What an object that cannot be used is reported as. */
export function damaged(url: string, what: string, cause?: unknown): StatefunError {
  return new StatefunError('SF_CHECKPOINT_CORRUPT', `the checkpoint is damaged: ${what}`, {
    where: url,
    hint: 'bring the object back from a copy or an earlier version of it; to give up the state and begin anew, use another prefix',
    ...(cause === undefined ? {} : { cause }),
  })
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
