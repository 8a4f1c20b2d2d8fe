/** An object as a listing names it. */
export interface ObjectEntry {
  readonly key: string
  readonly bytes: number
}

/**
 * What checkpoints need of a bucket. Reads see every completed write at once, as S3 and its like have promised since 2020.
 * Implementations repeat what can be repeated; a rejection is final.
 */
export interface ObjectStore {
  /** For messages: `s3://bucket/prefix`. */
  readonly url: string
  /** False when {@link putNew} is known not to notice an object that is there; known after its first call that settled. */
  readonly conditional: boolean
  /** Undefined when there is no such object. */
  get(key: string): Promise<Uint8Array | undefined>
  put(key: string, body: Uint8Array): Promise<void>
  /**
   * Stores an object unless there is one of that key. A repetition whose first try had succeeded says `exists`, too: compare
   * what is there.
   */
  putNew(key: string, body: Uint8Array): Promise<'stored' | 'exists'>
  /** Objects whose keys begin with `prefix` and are greater than `after`, in order of their keys. */
  list(prefix: string, after?: string): AsyncIterable<ObjectEntry>
  /** Fine when there are none. */
  remove(keys: readonly string[]): Promise<void>
  /** Ends what is under way: it rejects, though it may still have its effect. Idempotent. */
  close(): Promise<void>
}
