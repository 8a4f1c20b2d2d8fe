import { ObjectStorage, type ObjectStorageOptions } from '../src/checkpoint/object-storage.ts'
import type { MemoryBucket, MemoryStoreOptions } from '../src/checkpoint/testing/memory-bucket.ts'
import { contents } from './storage-cases.ts'

/** Lets what runs in the background end. */
export const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 5))

/** A storage of app `app` that is not open. */
export function storageOf(
  bucket: MemoryBucket,
  over: Partial<ObjectStorageOptions> = {},
  store: MemoryStoreOptions = {},
): ObjectStorage {
  return new ObjectStorage({ store: bucket.store(store), app: 'app', ...over })
}

/** One that is open and has read the log. */
export async function opened(
  bucket: MemoryBucket,
  over: Partial<ObjectStorageOptions> = {},
  store: MemoryStoreOptions = {},
): Promise<ObjectStorage> {
  const storage = storageOf(bucket, over, store)
  await storage.open()
  await contents(storage)
  return storage
}

export const text = (value: string) => Buffer.from(value)
/** The key of a slot of the log. */
export const log = (slot: number) => `log-${String(slot).padStart(16, '0')}.sflog`
/** The prefix of the keys of a snapshot. */
export const base = (slot: number) => `base-${String(slot).padStart(16, '0')}`

/** Appends an epoch with a snapshot that begins with it. */
export async function snapshot(storage: ObjectStorage, epoch: number): Promise<void> {
  const writer = await storage.beginBase(epoch)
  await storage.append(epoch, text(`epoch ${epoch}`))
  await writer.write(text(`base ${epoch}`))
  await writer.publish()
}

/** One that has taken the log over and not read it yet. */
export async function openedUnread(bucket: MemoryBucket): Promise<ObjectStorage> {
  const storage = storageOf(bucket)
  await storage.open()
  return storage
}
