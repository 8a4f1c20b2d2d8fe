/** What the engine wants of a store for state that does not fit into memory. Nothing has to survive the process. */
export interface StateStore {
  /** Stores the values of an epoch: one for each key, new or not. Settles when the next one may come. */
  write(keys: readonly string[], value: Uint8Array): Promise<void>
  /** What has to happen before keys can be written that were not read before; not measured. */
  prepare(keys: readonly string[]): Promise<void>
  /** Reads the values of keys that messages wait for; returns how many were found. */
  read(keys: readonly string[]): Promise<number>
  close(): Promise<void>
}

/** A store under comparison, made in an empty folder. */
export interface Contender {
  readonly name: string
  readonly open: (folder: string) => Promise<StateStore>
}
