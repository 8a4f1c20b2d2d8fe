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
   * Appends an epoch; durable when it settles.
   *
   * @throws StatefunError `SF_ENGINE_FENCED` when another engine has taken over
   */
  append(epoch: number, payload: Uint8Array): Promise<void>
  /** Starts a snapshot of the state at the beginning of `epoch`, which must be the next one to be appended. */
  beginBase(epoch: number): Promise<BaseWriter>
  /** Bytes of the log since the newest base snapshot, and of that snapshot. */
  readonly logBytes: number
  readonly baseBytes: number
  close(): Promise<void>
}
