import type { Frame } from './frame.ts'

/** A base snapshot that is being written; it does not exist for a recovery before {@link publish} settled. */
export interface BaseWriter {
  write(chunk: Uint8Array): Promise<void>
  /** Makes the snapshot the one to recover from, then removes what it replaces. */
  publish(): Promise<void>
  /** Gives it up; never rejects. */
  abort(): Promise<void>
}

/** Told of what a recovery found besides frames. */
export interface RecoveryReport {
  /** An epoch was being written when the engine died; it never counted, and its bytes were removed. */
  tornTail(file: string, offset: number, bytes: number): void
}

/** Which checkpoint it is. Kept in the header of every file or object. */
export interface CheckpointIdentity {
  readonly app: string
  /** Made when the checkpoint began, kept across restarts. A restored savepoint has one of its own. */
  readonly lineage: string
  /** What it was restored from: an epoch of another lineage. */
  readonly parent: { readonly lineage: string; readonly epoch: number } | undefined
}

/** Where checkpoints are kept: an append-only change log of epochs and base snapshots that shorten it. */
export interface CheckpointStorage {
  /**
   * Takes possession.
   *
   * @throws StatefunError `SF_CHECKPOINT_LOCKED` when another engine has it, `SF_CHECKPOINT_FOREIGN` when it belongs to
   *   another app or a newer format
   */
  open(report: RecoveryReport): Promise<void>
  /**
   * What to replay, in order: the chunks of the newest base snapshot, then the epochs since.
   *
   * @throws StatefunError `SF_CHECKPOINT_CORRUPT` with the file and the offset
   */
  recover(): AsyncIterable<Frame>
  /** Known once {@link recover} has ended; a new checkpoint has a new lineage. */
  readonly identity: CheckpointIdentity
  /**
   * Appends an epoch; durable when it settles. From then on the payload may be overwritten.
   *
   * @throws StatefunError `SF_ENGINE_FENCED` when another engine has taken over
   */
  append(epoch: number, payload: Uint8Array): Promise<void>
  /** Starts a snapshot of the state at the beginning of `epoch`, which must be the next one to be appended. */
  beginBase(epoch: number): Promise<BaseWriter>
  /** Bytes of the log since the newest base snapshot, and of that snapshot. */
  readonly logBytes: number
  readonly baseBytes: number
  /** Reads what is durable, also while epochs are appended. Without it, no savepoint can be taken of a running engine. */
  reader?(): CheckpointReader
  /** Nobody waits any more: what waits for a storage that is away rejects soon. {@link close} still has to follow. */
  interrupt?(): void
  close(): Promise<void>
}

/** A base snapshot as a reader finds it. */
export interface SnapshotInfo {
  /** File or object; undefined for the empty beginning, which is none. */
  readonly name: string | undefined
  /** The first epoch of the logs that belong to it. */
  readonly firstEpoch: number
  /** The first epoch whose state it gives, together with those logs. */
  readonly validFrom: number
  readonly bytes: number
  /** When it was begun, in epoch milliseconds; undefined for the empty beginning. */
  readonly time: number | undefined
}

/** A part of the change log as a reader finds it. */
export interface LogInfo {
  /** File or object. */
  readonly name: string
  readonly firstEpoch: number
  /** Less than {@link firstEpoch} when there is no epoch in it. */
  readonly lastEpoch: number
  readonly bytes: number
  /** When its first and its last epoch were cut, in epoch milliseconds; undefined when there is none. */
  readonly firstTime: number | undefined
  readonly lastTime: number | undefined
}

/** What of a checkpoint is there. */
export interface CheckpointListing {
  readonly identity: CheckpointIdentity
  /** It was taken from another checkpoint, whose lineage it has; an engine needs a restored copy. */
  readonly savepoint: boolean
  /** Those that can be read, ascending. */
  readonly snapshots: readonly SnapshotInfo[]
  readonly logs: readonly LogInfo[]
  /** The last durable epoch; 0 when there is none. */
  readonly newestEpoch: number
  readonly newestTime: number | undefined
}

/** A frame and its place, for messages. */
export interface LocatedFrame extends Frame {
  readonly where: string
}

export interface FramesOptions {
  /** The last epoch; the newest one by default. */
  readonly epoch?: number
  /** {@link SnapshotInfo.firstEpoch} of the snapshot to begin with; the newest one that has the epoch by default. */
  readonly snapshot?: number
}

/** Reads a checkpoint without taking possession or changing anything, also while an engine works with it. */
export interface CheckpointReader {
  /**
   * Undefined when there is no checkpoint.
   *
   * @throws StatefunError `SF_CHECKPOINT_CORRUPT`, `SF_CHECKPOINT_FOREIGN` when a newer release wrote it
   */
  list(): Promise<CheckpointListing | undefined>
  /**
   * The chunks of a snapshot, then the epochs since; what is being written at the moment is left out.
   *
   * @throws StatefunError `SF_CHECKPOINT_NO_EPOCH`, `SF_CHECKPOINT_CORRUPT` with the place
   */
  frames(options?: FramesOptions): AsyncIterable<LocatedFrame>
}

/** What a new checkpoint is to be, see {@link CheckpointWriter}. */
export interface NewCheckpoint {
  readonly identity: CheckpointIdentity
  readonly savepoint: boolean
  /** Of the log: {@link SnapshotInfo.firstEpoch} of the snapshot that is copied. */
  readonly firstEpoch: number
}

/** Writes a whole checkpoint, copied from another one. It does not exist before {@link finish} settled. */
export interface CheckpointWriter {
  /** The chunks of the snapshot, if there is one, then the epochs, each as it was read. */
  write(frame: Frame): Promise<void>
  /** Makes it durable. */
  finish(): Promise<void>
  /** Gives it up; never rejects. */
  abort(): Promise<void>
}

/** Where a checkpoint or a savepoint can be: a folder, or a prefix of a bucket. */
export interface CheckpointPlace {
  /** For messages. */
  readonly url: string
  /** For an engine, one incarnation of its job after the other. */
  storage(app: string, options?: { readonly retain?: number }): CheckpointStorage
  reader(): CheckpointReader
  /** @throws StatefunError `SF_SAVEPOINT_TARGET_NOT_EMPTY` */
  create(checkpoint: NewCheckpoint): Promise<CheckpointWriter>
  /** Ends connections. Idempotent. */
  close(): Promise<void>
}
