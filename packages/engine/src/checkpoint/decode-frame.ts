import { StatefunError } from '@statefun/protocol'
import { decodeEpoch, type EpochVisitor } from './decode-epoch.ts'
import type { LocatedFrame } from './storage.ts'

/**
 * Reads what is in a frame.
 *
 * @throws StatefunError `SF_CHECKPOINT_CORRUPT` with the place
 */
export function decodeFrame(frame: LocatedFrame, visitor: EpochVisitor): void {
  try {
    decodeEpoch(frame.payload, visitor)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new StatefunError('SF_CHECKPOINT_CORRUPT', `the checkpoint is damaged: ${cause.message}`, {
      where: frame.where,
      hint: 'its checksum is right, so it was written like this: a newer release may read it',
      cause,
    })
  }
}

/** Looks at nothing. */
export const NO_VISIT: EpochVisitor = {
  epoch: () => undefined,
  position: () => undefined,
  state: () => undefined,
  pending: () => undefined,
  parked: () => undefined,
  timerAdded: () => undefined,
  timerRemoved: () => undefined,
  outbox: () => undefined,
}
