/** A file that is open. */
export interface OpenFile {
  /** Bytes read into `into` from `position` of the file on; 0 at its end. */
  read(into: Uint8Array, position: number): Promise<number>
  /** Appends all parts, in order. Rejects when not all could be written; some of them may be there then. */
  append(parts: readonly Uint8Array[]): Promise<void>
  /** Cuts the file; what is appended next comes behind that. */
  truncate(bytes: number): Promise<void>
  /** Settles when what was written survives a crash of the machine. */
  sync(): Promise<void>
  size(): Promise<number>
  close(): Promise<void>
}

/**
 * What checkpoints need of a file system; the simulator brings one that forgets whatever was not synced.
 *
 * Paths are absolute. Rejections are Node's errors, with their `code`.
 */
export interface FileSystem {
  /** Makes a folder and those above it, so that they survive a crash; fine when it is there. */
  makeFolder(path: string): Promise<void>
  /** Names in a folder, in no order; empty when there is no such folder. */
  list(path: string): Promise<string[]>
  open(path: string, how: 'read' | 'create' | 'change'): Promise<OpenFile>
  rename(from: string, to: string): Promise<void>
  /** Fine when there is none. */
  remove(path: string): Promise<void>
  /** Settles when names that were made, changed or removed in a folder survive a crash of the machine. */
  syncFolder(path: string): Promise<void>
  /**
   * Keeps other engines out of a folder; the result lets them in.
   *
   * @throws StatefunError `SF_CHECKPOINT_LOCKED`
   */
  lock(path: string): Promise<() => Promise<void>>
}
