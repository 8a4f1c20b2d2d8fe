import { type Clock, systemClock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import { PART_BYTES } from './object-base-writer.ts'
import { ObjectReader } from './object-reader.ts'
import { ObjectStorage } from './object-storage.ts'
import type { ObjectStore } from './object-store.ts'
import { createObjectWriter } from './object-writer.ts'
import type { CheckpointPlace } from './storage.ts'

export interface ObjectPlaceOptions {
  readonly logger?: Logger
  /** Bytes of an object of a base snapshot; 8 MiB by default. */
  readonly partBytes?: number
  readonly clock?: Pick<Clock, 'now'>
}

/**
 * A prefix of a bucket as a place of checkpoints.
 *
 * @param makeStore called for each storage, and once for everything else
 */
export function objectPlace(makeStore: () => ObjectStore, options: ObjectPlaceOptions = {}): CheckpointPlace {
  const shared = makeStore()
  const { clock = systemClock, partBytes = PART_BYTES } = options
  return {
    url: shared.url,
    storage: (app, storageOptions) =>
      new ObjectStorage({ ...options, ...storageOptions, store: makeStore(), app }),
    reader: () => new ObjectReader(shared),
    create: (checkpoint) => createObjectWriter(shared, checkpoint, { partBytes, now: () => clock.now() }),
    close: () => shared.close(),
  }
}
