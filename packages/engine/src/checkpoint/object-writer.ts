import { randomUUID } from 'node:crypto'
import { encodeObject, type ObjectHeader } from './checkpoint-objects.ts'
import { notEmpty } from './file-writer.ts'
import { FrameKind } from './frame.ts'
import { ObjectBaseWriter } from './object-base-writer.ts'
import { BASE_PREFIX, baseEndKey, basePartKey, LOG_PREFIX, logKey } from './object-keys.ts'
import type { ObjectStore } from './object-store.ts'
import type { CheckpointWriter, NewCheckpoint } from './storage.ts'

/** Uploads under way at once; the epochs of a log may be many and small. */
const UPLOADS = 16

/**
 * Writes a checkpoint under a prefix that has none. It counts once the end of its snapshot is there, which is written last; a
 * log without a snapshot gets an empty one for that.
 *
 * @throws StatefunError `SF_SAVEPOINT_TARGET_NOT_EMPTY`
 */
export async function createObjectWriter(
  store: ObjectStore,
  { identity, savepoint, firstEpoch }: NewCheckpoint,
  { partBytes, now }: { readonly partBytes: number; readonly now: () => number },
): Promise<CheckpointWriter> {
  for (const prefix of [LOG_PREFIX, BASE_PREFIX]) {
    for await (const _ of store.list(prefix)) throw notEmpty(store.url)
  }
  const header: ObjectHeader = { ...identity, slot: 1, claim: 0, owner: randomUUID(), savepoint }
  let lastEpoch = firstEpoch - 1
  let slot = 0
  let parts = 0
  const uploads: Promise<void>[] = []
  const base = new ObjectBaseWriter({
    store,
    header,
    firstEpoch,
    time: now(),
    partBytes,
    lastEpoch: async () => lastEpoch,
    published: () => undefined,
  })
  const upload = async (key: string, object: Uint8Array): Promise<void> => {
    if ((await store.putNew(key, object)) === 'stored') return
    // The first try of a repeated write may have succeeded.
    const found = await store.get(key)
    if (found === undefined || Buffer.compare(found, object) !== 0) throw notEmpty(store.url)
  }
  return {
    async write({ kind, payload }) {
      if (kind === FrameKind.baseChunk) {
        parts++
        await base.write(payload)
      } else if (kind === FrameKind.epoch) {
        slot++
        lastEpoch++
        const uploading = upload(logKey(slot), encodeObject({ ...header, slot }, [{ kind, payload }]))
        // Awaited below; meanwhile a rejection must not count as unhandled.
        uploading.catch(() => undefined)
        uploads.push(uploading)
        if (uploads.length >= UPLOADS) await uploads.shift()
      }
    },
    async finish() {
      await Promise.all(uploads)
      await base.publish()
    },
    async abort() {
      await Promise.allSettled([...uploads, base.abort()])
      const keys = [
        baseEndKey(1),
        ...Array.from({ length: parts }, (_, part) => basePartKey(1, part)),
        ...Array.from({ length: slot }, (_, index) => logKey(index + 1)),
      ]
      // What is left keeps the place from being taken for empty, and from being taken for whole.
      await store.remove(keys).catch(() => undefined)
    },
  }
}
