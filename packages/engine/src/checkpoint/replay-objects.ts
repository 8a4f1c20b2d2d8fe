import { crc32 } from 'node:zlib'
import { damaged, decodeObject, type ObjectHeader } from './checkpoint-objects.ts'
import { FrameKind } from './frame.ts'
import { basePartKey, logKey } from './object-keys.ts'
import { type CompleteBase, type ObjectLog, objectUrl } from './object-log.ts'
import type { ObjectStore } from './object-store.ts'
import { readAhead } from './read-ahead.ts'
import type { LocatedFrame } from './storage.ts'

const READ_AHEAD = { reads: 16, bytes: 64 * 1024 * 1024 }
/** A request takes as long as reading about so many bytes, which is what counts when a log is weighed against a snapshot. */
const BYTES_OF_A_REQUEST = 64 * 1024

/** What a replay has found; filled in while it goes on. */
export interface ObjectTail {
  lastEpoch: number
  baseBytes: number
  logBytes: number
}

/** The weight of a log object, in bytes. */
export function logWeight(bytes: number): number {
  return Math.max(bytes, BYTES_OF_A_REQUEST)
}

/**
 * The chunks of a snapshot, then the epochs since. Every slot has to belong to the claim before it: what an engine wrote that
 * had been taken over is no part of the log.
 *
 * @param check is told of the header of each object before its frames come; may throw
 * @throws StatefunError `SF_CHECKPOINT_CORRUPT`, `SF_CHECKPOINT_FOREIGN`
 */
export async function* replayObjects(
  store: ObjectStore,
  { base, slots }: ObjectLog,
  tail: ObjectTail,
  check: (header: ObjectHeader, url: string) => void,
): AsyncGenerator<LocatedFrame> {
  if (base !== undefined) yield* replayBase(store, base, tail, check)
  tail.lastEpoch = (base?.end.firstEpoch ?? 1) - 1
  let holder: Pick<ObjectHeader, 'claim' | 'owner'> = base?.header ?? { claim: 0, owner: '' }
  const read = ({ slot }: { slot: number }) => getObject(store, logKey(slot))
  for await (const [{ slot, bytes }, object] of readAhead(slots, read, READ_AHEAD)) {
    const url = objectUrl(store, logKey(slot))
    const { header, frames } = decodeObject(url, object)
    check(header, url)
    const frame = frames[0]
    if (frame?.kind === FrameKind.claim) holder = header
    if (header.slot !== slot || header.claim !== holder.claim || header.owner !== holder.owner) {
      throw damaged(url, 'the object is of another engine than those before it')
    }
    tail.logBytes += logWeight(bytes)
    if (frame?.kind !== FrameKind.epoch) continue
    tail.lastEpoch++
    yield { ...frame, where: url }
  }
  if (base !== undefined && tail.lastEpoch < base.end.validFrom) {
    throw damaged(
      objectUrl(store, logKey((slots.at(-1)?.slot ?? base.slot) + 1)),
      `it is missing: the snapshot needs the epochs up to ${base.end.validFrom}`,
    )
  }
}

/** @throws StatefunError `SF_CHECKPOINT_CORRUPT` when there is no such object */
export async function getObject(store: ObjectStore, key: string): Promise<Uint8Array> {
  const object = await store.get(key)
  if (object === undefined) throw damaged(objectUrl(store, key), 'the object is missing')
  return object
}

async function* replayBase(
  store: ObjectStore,
  { slot, end }: CompleteBase,
  tail: ObjectTail,
  check: (header: ObjectHeader, url: string) => void,
): AsyncGenerator<LocatedFrame> {
  const parts = end.parts.map((part, index) => ({ ...part, key: basePartKey(slot, index) }))
  for await (const [part, object] of readAhead(parts, ({ key }) => getObject(store, key), READ_AHEAD)) {
    const url = objectUrl(store, part.key)
    if (object.length !== part.bytes || crc32(object) !== part.crc) {
      throw damaged(url, 'the object is not the one that the snapshot names')
    }
    const { header, frames } = decodeObject(url, object)
    check(header, url)
    for (const frame of frames) if (frame.kind === FrameKind.baseChunk) yield { ...frame, where: url }
    tail.baseBytes += object.length
  }
}
