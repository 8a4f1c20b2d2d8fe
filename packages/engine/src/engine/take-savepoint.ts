import { StatefunError } from '@statefun/protocol'
import type { CheckpointCoordinator } from '../checkpoint/coordinator.ts'
import { type CopiedCheckpoint, writeSavepoint } from '../checkpoint/savepoint.ts'
import type { CheckpointPlace, CheckpointStorage } from '../checkpoint/storage.ts'

/** What a savepoint needs of a job. */
export interface SavepointOrigin {
  readonly storage: CheckpointStorage
  readonly checkpoints: CheckpointCoordinator
  /** Settles when the job cannot go on. */
  readonly failure: Promise<StatefunError>
  /** Settles when everything durable is published; undefined without exactly-once egresses. */
  readonly published: (() => Promise<void>) | undefined
}

/**
 * Copies the state of a running job as it is now.
 *
 * @throws StatefunError `SF_SAVEPOINT_UNSUPPORTED`, `SF_SAVEPOINT_TARGET_NOT_EMPTY`, `SF_ENGINE_NOT_RUNNING`
 */
export async function takeSavepoint(
  { storage, checkpoints, failure, published }: SavepointOrigin,
  to: CheckpointPlace,
  progress?: (bytes: number) => void,
): Promise<CopiedCheckpoint> {
  const reader = storage.reader?.()
  if (reader === undefined) {
    throw new StatefunError(
      'SF_SAVEPOINT_UNSUPPORTED',
      'this checkpoint storage cannot be read while it is written',
      { hint: 'stop the engine and copy its checkpoint' },
    )
  }
  await checkpoints.checkpoint()
  if (published !== undefined) {
    const failed = failure.then((error) => {
      throw error
    })
    failed.catch(() => undefined)
    await Promise.race([published(), failed])
    // With what the outboxes held published, and that noted, as little as may be is left to be published twice.
    await checkpoints.checkpoint()
  }
  const epoch = checkpoints.statistics.lastEpoch
  const release = await checkpoints.holdSnapshots()
  try {
    return await writeSavepoint(reader, to, {
      epoch,
      from: 'the checkpoint of the engine',
      ...(progress === undefined ? {} : { progress }),
    })
  } finally {
    release()
  }
}
