import { StatefunError } from '@statefun/protocol'
import type { FramesOptions, SnapshotInfo } from './storage.ts'

/**
 * The snapshot to begin with.
 *
 * @param snapshots ascending
 * @throws StatefunError `SF_CHECKPOINT_NO_EPOCH`
 */
export function snapshotFor(
  snapshots: readonly SnapshotInfo[],
  { epoch = Number.POSITIVE_INFINITY, snapshot }: FramesOptions,
  where: string,
): SnapshotInfo {
  const found = snapshots.findLast(
    ({ firstEpoch, validFrom }) => validFrom <= epoch && (snapshot === undefined || firstEpoch === snapshot),
  )
  if (found !== undefined) return found
  throw noEpoch(epoch, snapshots, where)
}

/** An epoch that no retained snapshot has, or that does not exist yet. */
export function noEpoch(epoch: number, snapshots: readonly SnapshotInfo[], where: string): StatefunError {
  const first = snapshots[0]?.validFrom
  const which = Number.isFinite(epoch) ? `epoch ${epoch} is not` : 'nothing is'
  return new StatefunError('SF_CHECKPOINT_NO_EPOCH', `${which} in this checkpoint`, {
    where,
    hint:
      first === undefined
        ? 'look at another place, or wait for the first epoch'
        : `its oldest epoch is ${first}; "statefun checkpoint list" shows what is there`,
  })
}
