import { decodeFrame, NO_VISIT } from './decode-frame.ts'
import { FRAME_HEADER_BYTES, FrameKind } from './frame.ts'
import { outboxValues } from './outbox-values.ts'
import type { CheckpointListing, CheckpointReader, SnapshotInfo } from './storage.ts'

/** What was read of one snapshot and the epochs since. */
export interface VerifiedSnapshot {
  readonly snapshot: SnapshotInfo
  /** Epochs since. */
  readonly epochs: number
  readonly lastEpoch: number
  readonly bytes: number
  /** Why it cannot be used; undefined when it is whole. */
  readonly damage: unknown
}

/**
 * Reads everything that a recovery could need: each snapshot with all epochs since. Checksums are compared, every frame is
 * decoded, and the epochs have to follow each other up to the newest one.
 *
 * @param progress told of the bytes read so far, for each frame
 */
export async function* verifyCheckpoint(
  reader: CheckpointReader,
  listing: CheckpointListing,
  progress: (bytes: number) => void = () => undefined,
): AsyncGenerator<VerifiedSnapshot> {
  let all = 0
  for (const snapshot of listing.snapshots) {
    let epochs = 0
    let lastEpoch = snapshot.firstEpoch - 1
    let bytes = 0
    let damage: unknown
    try {
      for await (const frame of reader.frames({ snapshot: snapshot.firstEpoch })) {
        const isEpoch = frame.kind === FrameKind.epoch
        decodeFrame(frame, {
          ...NO_VISIT,
          epoch(epoch) {
            if (!isEpoch) return
            if (epoch !== lastEpoch + 1) throw new RangeError(`epoch ${epoch} follows epoch ${lastEpoch}`)
            lastEpoch = epoch
            epochs++
          },
          outbox(_egress, _published, values) {
            for (const _ of outboxValues(values));
          },
        })
        bytes += FRAME_HEADER_BYTES + frame.payload.length
        all += FRAME_HEADER_BYTES + frame.payload.length
        progress(all)
      }
    } catch (error) {
      damage = error
    }
    yield { snapshot, epochs, lastEpoch, bytes, damage }
  }
}
