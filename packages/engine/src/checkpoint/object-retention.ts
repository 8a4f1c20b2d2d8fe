import { isClaimSize } from './checkpoint-objects.ts'
import { BASE_PREFIX, LOG_PREFIX, logKey, slotOfBase, slotOfLog } from './object-keys.ts'
import type { ObjectEntry, ObjectStore } from './object-store.ts'

/** Keys removed in one go. */
const BATCH = 1000

/**
 * Removes what the newest snapshots no longer need: older snapshots, parts of snapshots that were given up, and log objects,
 * but never a claim.
 *
 * A claim stays for ever, a kilobyte for each start of an engine, because it is what stops the engine before it,
 * however late that wakes up. Such an engine writes its next slot under the condition that there is none yet; that slot was
 * taken by the claim that came after its last epoch, whatever has happened since. Were it removed with the log around it, the
 * write would succeed: a second engine would go on with an epoch that nobody will ever read.
 */
export class ObjectRetention {
  readonly #store: ObjectStore
  readonly #retain: number
  /** Below this slot only claims are left. */
  #cleared = 1

  /** @param retain snapshots that stay */
  constructor(store: ObjectStore, retain: number) {
    this.#store = store
    this.#retain = retain
  }

  /** @throws what the store throws; what is left is removed the next time */
  async run(): Promise<void> {
    const parts: { readonly key: string; readonly slot: number; readonly isEnd: boolean }[] = []
    for await (const { key } of this.#store.list(BASE_PREFIX)) {
      const base = slotOfBase(key)
      if (base !== undefined) parts.push({ key, ...base })
    }
    const complete = parts.filter(({ isEnd }) => isEnd).map(({ slot }) => slot)
    const kept = complete.slice(-this.#retain)
    const newest = kept.at(-1)
    if (newest === undefined) return
    const old = parts.filter(({ slot }) => slot < newest && !kept.includes(slot))
    // Without its end a snapshot no longer counts, so that goes first.
    await this.#remove(old.filter(({ isEnd }) => isEnd))
    await this.#remove(old.filter(({ isEnd }) => !isEnd))
    // While there are fewer snapshots than wished for, the whole log is one more way back.
    if (complete.length >= this.#retain) await this.#clear(kept[0]!)
  }

  /** Removes log objects below `limit`. */
  async #clear(limit: number): Promise<void> {
    let old: ObjectEntry[] = []
    for await (const entry of this.#store.list(LOG_PREFIX, logKey(this.#cleared - 1))) {
      const slot = slotOfLog(entry.key)
      if (slot === undefined) continue
      if (slot >= limit) break
      if (isClaimSize(entry.bytes)) continue
      old.push(entry)
      if (old.length < BATCH) continue
      await this.#remove(old)
      old = []
    }
    await this.#remove(old)
    this.#cleared = Math.max(this.#cleared, limit)
  }

  async #remove(entries: readonly { readonly key: string }[]): Promise<void> {
    for (let at = 0; at < entries.length; at += BATCH) {
      await this.#store.remove(entries.slice(at, at + BATCH).map(({ key }) => key))
    }
  }
}
