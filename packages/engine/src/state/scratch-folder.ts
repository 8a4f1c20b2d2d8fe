/** A file of a {@link ScratchFolder}: bytes are appended and read, nothing else. */
export interface ScratchFile {
  /**
   * Reads `bytes` from `position` on to the beginning of `into`, waiting for the disk if need be.
   *
   * @throws Error when the bytes cannot be read
   */
  readNow(into: Uint8Array, bytes: number, position: number): void
  /** Fills `into` from `position` on; rejects when the bytes cannot be read. */
  read(into: Uint8Array, position: number): Promise<void>
  /** Appends; one call at a time. Rejects when not all could be written. */
  append(bytes: Uint8Array): Promise<void>
  /** Closes and removes the file, not necessarily at once; never fails. Nothing is under way on it. */
  remove(): void
}

/**
 * Files that nobody needs after the process: never synced, never opened again. The simulator and tests bring one in memory.
 */
export interface ScratchFolder {
  /** Makes the folder if there is none, and removes what an earlier process left in it. */
  open(): Promise<void>
  /** @throws Error when the file cannot be made */
  create(name: string): ScratchFile
  /** Removes what is left. */
  close(): Promise<void>
}
