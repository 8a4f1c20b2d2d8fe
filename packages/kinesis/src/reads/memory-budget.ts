/** Asked for in one call. */
const TARGET_BYTES = 1024 * 1024
/** Asked for while all shards together are over their budget, by those that have nothing at all. */
const LEAST_BYTES = 64 * 1024
/** What waits in one shard: a part that is being read, and one behind it. */
const MOST_CHUNKS = 2
const SHARD_BYTES = 2 * 1024 * 1024

/** What the records of all shards of an ingress may take in memory before they are taken by the engine. */
export class MemoryBudget {
  readonly #bytes: number
  #used = 0

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  get used(): number {
    return this.#used
  }

  add(bytes: number): void {
    this.#used += bytes
  }

  free(bytes: number): void {
    this.#used -= bytes
  }

  /**
   * Bytes that a shard may fetch now; 0 when it has to wait. One that has nothing always may: shards whose records nobody
   * takes, because an address is slow, must not keep the others from being read.
   */
  roomFor({ buffered, chunks }: { readonly buffered: number; readonly chunks: number }): number {
    if (chunks >= MOST_CHUNKS || buffered >= SHARD_BYTES) return 0
    if (this.#used < this.#bytes) return TARGET_BYTES
    return chunks === 0 ? LEAST_BYTES : 0
  }
}
