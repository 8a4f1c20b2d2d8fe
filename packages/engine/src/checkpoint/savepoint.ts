import { randomUUID } from 'node:crypto'
import { StatefunError } from '@statefun/protocol'
import { FRAME_HEADER_BYTES } from './frame.ts'
import { snapshotFor } from './snapshot-for.ts'
import type {
  CheckpointIdentity,
  CheckpointListing,
  CheckpointPlace,
  CheckpointReader,
  SnapshotInfo,
} from './storage.ts'

/** What was copied. */
export interface CopiedCheckpoint {
  readonly app: string
  /** The last epoch in it. */
  readonly epoch: number
  readonly bytes: number
}

export interface CopyOptions {
  /** The last epoch that is copied; the newest by default. */
  readonly epoch?: number
  /** For messages. */
  readonly from: string
  /** Told of the bytes written so far, now and then. */
  readonly progress?: (bytes: number) => void
  /** Gives the copy up. */
  readonly signal?: AbortSignal
}

/** Bytes between two reports of progress. */
const PROGRESS_BYTES = 16 * 1024 * 1024

/**
 * Copies a checkpoint up to an epoch into a place of its own, from which it can be restored.
 *
 * @throws StatefunError `SF_CHECKPOINT_NO_EPOCH`, `SF_CHECKPOINT_CORRUPT`, `SF_SAVEPOINT_TARGET_NOT_EMPTY`
 */
export async function writeSavepoint(
  reader: CheckpointReader,
  to: CheckpointPlace,
  options: CopyOptions,
): Promise<CopiedCheckpoint> {
  const listing = await listed(reader, options.from)
  return await copy(reader, listing, to, { ...options, identity: listing.identity, savepoint: true })
}

/**
 * Makes a savepoint, or another checkpoint, the beginning of a new one in an empty place.
 *
 * @param app that it is for; the one that it was taken from by default
 * @throws StatefunError `SF_CHECKPOINT_NO_EPOCH`, `SF_CHECKPOINT_CORRUPT`, `SF_SAVEPOINT_TARGET_NOT_EMPTY`
 */
export async function restoreSavepoint(
  reader: CheckpointReader,
  to: CheckpointPlace,
  { app, ...options }: CopyOptions & { readonly app?: string | undefined },
): Promise<CopiedCheckpoint> {
  const listing = await listed(reader, options.from)
  const { epoch = listing.newestEpoch } = options
  // Egresses tell by it whether what they published last is of the epochs that are restored.
  const identity: CheckpointIdentity = {
    app: app ?? listing.identity.app,
    lineage: randomUUID(),
    parent: { lineage: listing.identity.lineage, epoch },
  }
  return await copy(reader, listing, to, { ...options, identity, savepoint: false })
}

async function listed(reader: CheckpointReader, from: string): Promise<CheckpointListing> {
  const listing = await reader.list()
  if (listing !== undefined && listing.newestEpoch > 0) return listing
  throw new StatefunError('SF_CHECKPOINT_MISSING', 'there is no checkpoint', {
    where: from,
    hint: 'name the folder or the bucket and prefix in which it is',
  })
}

async function copy(
  reader: CheckpointReader,
  { snapshots, newestEpoch }: CheckpointListing,
  to: CheckpointPlace,
  options: CopyOptions & { readonly identity: CheckpointIdentity; readonly savepoint: boolean },
): Promise<CopiedCheckpoint> {
  const { epoch = newestEpoch, identity, savepoint, progress, signal } = options
  const { firstEpoch }: SnapshotInfo = snapshotFor(snapshots, { epoch }, options.from)
  const writer = await to.create({ identity, savepoint, firstEpoch })
  let bytes = 0
  let reported = 0
  try {
    for await (const frame of reader.frames({ epoch, snapshot: firstEpoch })) {
      signal?.throwIfAborted()
      await writer.write(frame)
      bytes += FRAME_HEADER_BYTES + frame.payload.length
      if (bytes - reported < PROGRESS_BYTES) continue
      reported = bytes
      progress?.(bytes)
    }
    await writer.finish()
  } catch (error) {
    await writer.abort()
    throw error
  }
  return { app: identity.app, epoch, bytes }
}
