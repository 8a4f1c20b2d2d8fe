import { StatefunError } from '@statefun/protocol'
import { type Frame, FrameKind } from './frame.ts'
import type { CheckpointIdentity } from './storage.ts'

/** Raised when files of an earlier release can no longer be read. */
const FORMAT = 1

/** What the first frame of every file says. */
export interface CheckpointHeader {
  readonly app: string
  /** Undefined in files of the first releases. */
  readonly lineage: string | undefined
  readonly parent: CheckpointIdentity['parent']
  /** A savepoint has the lineage of the checkpoint that it was taken from: no engine may go on with it as it is. */
  readonly savepoint: boolean
}

/** The payload of a header frame. */
export function encodeHeader(identity: CheckpointIdentity, savepoint: boolean): Buffer {
  return Buffer.from(JSON.stringify({ format: FORMAT, ...identity, ...(savepoint ? { savepoint } : {}) }))
}

/**
 * Reads a header frame; undefined when the frame is another one.
 *
 * @throws StatefunError `SF_CHECKPOINT_FOREIGN` when a newer release wrote it
 */
export function decodeHeader(frame: Frame, where: string): CheckpointHeader | undefined {
  if (frame.kind !== FrameKind.header) return undefined
  const header = JSON.parse(frame.payload.toString()) as { format: number } & Partial<CheckpointHeader>
  if (header.format > FORMAT) {
    throw new StatefunError(
      'SF_CHECKPOINT_FOREIGN',
      `the checkpoint has format ${header.format}, this release reads up to ${FORMAT}`,
      { where, hint: 'start it with the release that wrote it, or a newer one' },
    )
  }
  const { app = '', lineage, parent, savepoint = false } = header
  return { app, lineage, parent, savepoint }
}

/**
 * Whether an app may go on with files of this header.
 *
 * @throws StatefunError `SF_CHECKPOINT_FOREIGN`, `SF_CHECKPOINT_IS_SAVEPOINT`
 */
export function checkHeader(header: CheckpointHeader, app: string, where: string): void {
  if (header.app !== app) {
    throw new StatefunError(
      'SF_CHECKPOINT_FOREIGN',
      `the checkpoint belongs to the app "${header.app}", this is "${app}"`,
      { where, hint: 'give each app a place of its own for its checkpoints (checkpoint.place)' },
    )
  }
  if (header.savepoint) {
    throw new StatefunError('SF_CHECKPOINT_IS_SAVEPOINT', 'this is a savepoint, which no engine works with', {
      where,
      hint: 'restore it into an empty place: statefun savepoint restore <savepoint> --to <place>',
    })
  }
}

/** What the last frame of a base snapshot says. */
export interface BaseEnd {
  /** The first epoch whose state the snapshot gives, with the log up to it. Undefined in files of the first releases. */
  readonly validFrom: number | undefined
}

/** The payload of a base end frame. */
export function encodeBaseEnd(validFrom: number): Buffer {
  return Buffer.from(JSON.stringify({ validFrom }))
}

export function decodeBaseEnd({ payload }: Frame): BaseEnd {
  if (payload.length === 0) return { validFrom: undefined }
  return { validFrom: (JSON.parse(payload.toString()) as { validFrom: number }).validFrom }
}
