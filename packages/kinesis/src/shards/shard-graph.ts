import type { Shard } from './shard.ts'
import { type ShardPosition, TRIM_HORIZON } from './shard-position.ts'

/** Where the shards of a stream start that no checkpoint knows. */
export type StreamStart =
  | { readonly type: 'latest' }
  | { readonly type: 'earliest' }
  | { readonly type: 'date'; readonly epochMs: number }

/** A shard that can be read now. */
export interface StartingShard {
  readonly shard: Shard
  /** `latest` only for shards that are open at the very first start of their stream. */
  readonly from: ShardPosition | 'latest'
}

type State = 'reading' | { readonly since: number | undefined }

/** See {@link ShardGraph.release}. */
const LISTINGS_TO_RELEASE = 2

/**
 * Decides which shards of a stream are read, and from where. Order per key holds because a shard starts only when all its
 * parents are finished, that is closed and read to their end, or gone.
 *
 * It performs no I/O: listings and ends of shards come in as calls, which return the shards to start.
 */
export class ShardGraph {
  readonly #start: StreamStart
  readonly #restored: ReadonlyMap<string, ShardPosition>
  readonly #shards = new Map<string, Shard>()
  /** Of the shards that were started or need not be; the others wait for their parents. */
  readonly #states = new Map<string, State>()
  /** Finished shards whose positions are kept, and how many listings in a row did without them. */
  readonly #kept = new Map<string, number>()
  #first = true

  /** @param restored positions of the checkpoint by shard id */
  constructor(start: StreamStart, restored: ReadonlyMap<string, ShardPosition>) {
    this.#start = start
    this.#restored = restored
    for (const [id, position] of restored) {
      if (position.at === 'closed') this.#finish(id, position.since)
    }
  }

  /** Shards that wait for their parents. */
  get waiting(): number {
    let waiting = 0
    for (const id of this.#shards.keys()) if (!this.#states.has(id)) waiting++
    return waiting
  }

  /** Takes the complete listing of the stream. */
  listed(shards: readonly Shard[]): StartingShard[] {
    this.#replace(shards)
    const first = this.#first
    this.#first = false
    if (first && this.#restored.size > 0) return [...this.#resumed(), ...this.#startable()]
    if (first && this.#start.type === 'latest') return this.#latest()
    return this.#startable()
  }

  /**
   * A shard was read to its end.
   *
   * @param since see `closed` of {@link ShardPosition}
   * @param children as far as they are known with the end. One with another parent that is not known waits for the next
   *   listing: that parent may not be gone but new
   */
  finished(id: string, since: number | undefined, children: readonly Shard[] = []): StartingShard[] {
    this.#finish(id, since)
    for (const child of children) {
      if (!this.#shards.has(child.id) && child.parents.every((parent) => this.#knows(parent))) {
        this.#shards.set(child.id, child)
      }
    }
    return this.#startable()
  }

  /**
   * Finished shards whose positions no restart needs any more; each is named once. To be asked once after every listing, when
   * the shards that it starts have their positions.
   *
   * A restart without the position of a shard passes it over as an ancestor of those that it knows, by the parents that its
   * own listing names. So all its children must have been started, and because a listing may be older than the one before,
   * two in a row have to say so. Of a shard that was kept too short for its children to be listed still, two must say that it is gone.
   */
  release(): string[] {
    const released: string[] = []
    for (const [id, before] of this.#kept) {
      const listings = this.#dispensable(id) ? before + 1 : 0
      this.#kept.set(id, listings)
      if (listings < LISTINGS_TO_RELEASE) continue
      this.#kept.delete(id)
      released.push(id)
    }
    return released
  }

  /** True when a listing has to be asked for: a shard that is closed always has children. */
  lacksChildrenOf(id: string): boolean {
    for (const { parents } of this.#shards.values()) if (parents.includes(id)) return false
    return true
  }

  #finish(id: string, since: number | undefined): void {
    this.#states.set(id, { since })
    this.#kept.set(id, 0)
  }

  #dispensable(id: string): boolean {
    let dispensable = this.#shards.size > 0 && !this.#shards.has(id)
    for (const child of this.#shards.values()) {
      if (!child.parents.includes(id)) continue
      if (!this.#states.has(child.id)) return false
      dispensable = true
    }
    return dispensable
  }

  #knows(id: string): boolean {
    return this.#states.has(id) || this.#shards.has(id)
  }

  #replace(shards: readonly Shard[]): void {
    this.#shards.clear()
    for (const shard of shards) this.#shards.set(shard.id, shard)
  }

  /** What a checkpoint was reading goes on, also when it is not listed any more: whether it is gone shows when it is read. */
  #resumed(): StartingShard[] {
    const starting: StartingShard[] = []
    for (const [id, from] of this.#restored) {
      if (from.at === 'closed') continue
      const shard = this.#shards.get(id) ?? { id, parents: [], closed: true, hashRange: undefined }
      this.#states.set(id, 'reading')
      starting.push({ shard, from })
    }
    return starting
  }

  #latest(): StartingShard[] {
    const starting: StartingShard[] = []
    for (const shard of this.#shards.values()) {
      this.#states.set(shard.id, shard.closed ? { since: undefined } : 'reading')
      if (!shard.closed) starting.push({ shard, from: 'latest' })
    }
    return starting
  }

  #startable(): StartingShard[] {
    this.#passOverAncestors()
    const starting: StartingShard[] = []
    for (const shard of this.#shards.values()) {
      if (this.#states.has(shard.id)) continue
      const parents = shard.parents.filter((id) => this.#knows(id))
      const states = parents.map((id) => this.#states.get(id))
      if (states.some((state) => state === undefined || state === 'reading')) continue
      starting.push({ shard, from: this.#startOf(states as Exclude<State, 'reading'>[]) })
      this.#states.set(shard.id, 'reading')
    }
    return starting
  }

  #startOf(parents: readonly Exclude<State, 'reading'>[]): ShardPosition {
    const since = parents.map((state) => state.since)
    if (since.length > 0) {
      const known = since.filter((epochMs) => epochMs !== undefined)
      return known.length < since.length ? TRIM_HORIZON : { at: 'timestamp', epochMs: Math.min(...known) }
    }
    if (this.#restored.size === 0 && this.#start.type === 'date') {
      return { at: 'timestamp', epochMs: this.#start.epochMs }
    }
    return TRIM_HORIZON
  }

  /** A shard whose child was started is finished, or was never wanted: the stream started at its latest record then. */
  #passOverAncestors(): void {
    const pass = (id: string): void => {
      for (const parent of this.#shards.get(id)?.parents ?? []) {
        if (this.#states.has(parent) || !this.#shards.has(parent)) continue
        this.#states.set(parent, { since: undefined })
        pass(parent)
      }
    }
    for (const id of [...this.#states.keys()]) pass(id)
  }
}
