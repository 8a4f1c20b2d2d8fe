import type { OutgoingRecord } from './outgoing-record.ts'

/** How much one PutRecords request may hold. */
export interface RequestLimits {
  readonly records: number
  /** Of data and partition keys. A record that is larger than this goes alone. */
  readonly bytes: number
}

/** The records of one partition key, oldest first. Only the first one is ever under way. */
interface Key {
  readonly name: string
  readonly records: OutgoingRecord[]
}

/**
 * The records that wait for one stream, and which of them the next request takes.
 *
 * PutRecords takes or refuses every record of a request by itself: of two records of one key the second may get in where
 * the first did not. So a request holds one record of a key at most, and a key with a record under way, or one that waits
 * to be sent again, is passed over: its records leave one after another, while those of other keys flow on.
 */
export class StreamQueue {
  readonly #limits: RequestLimits
  readonly #keys = new Map<string, Key>()
  /** Keys whose first record may be sent, those that have waited longest first. */
  readonly #ready = new Set<Key>()
  #readyBytes = 0

  constructor(limits: RequestLimits) {
    this.#limits = limits
  }

  /** True when nothing waits and nothing is under way. */
  get empty(): boolean {
    return this.#keys.size === 0
  }

  /** True when there is something to send. */
  get ready(): boolean {
    return this.#ready.size > 0
  }

  /** True when there is enough to fill a request. */
  get full(): boolean {
    return this.#ready.size >= this.#limits.records || this.#readyBytes >= this.#limits.bytes
  }

  /** The records that are not acknowledged, those of a key in their order. */
  *records(): Generator<OutgoingRecord> {
    for (const key of this.#keys.values()) yield* key.records
  }

  add(record: OutgoingRecord): void {
    const { partitionKey } = record
    const key = this.#keys.get(partitionKey)
    if (key !== undefined) {
      key.records.push(record)
      return
    }
    const fresh: Key = { name: partitionKey, records: [record] }
    this.#keys.set(partitionKey, fresh)
    this.#enqueue(fresh)
  }

  /** The records of the next request, which are under way from now on; none when nothing is ready. */
  take(): OutgoingRecord[] {
    const batch: OutgoingRecord[] = []
    let bytes = 0
    for (const key of this.#ready) {
      const record = key.records[0]!
      if (batch.length > 0 && bytes + record.bytes > this.#limits.bytes) break
      batch.push(record)
      bytes += record.bytes
      this.#ready.delete(key)
      this.#readyBytes -= record.bytes
      if (batch.length === this.#limits.records || bytes >= this.#limits.bytes) break
    }
    return batch
  }

  /** A record that was under way is delivered: the next one of its key may leave. */
  delivered(record: OutgoingRecord): void {
    const key = this.#keys.get(record.partitionKey)!
    key.records.shift()
    if (key.records.length === 0) this.#keys.delete(key.name)
    else this.#enqueue(key)
  }

  /** A record that was under way and was not delivered may be sent again; until then its key waits. */
  again(record: OutgoingRecord): void {
    this.#enqueue(this.#keys.get(record.partitionKey)!)
  }

  #enqueue(key: Key): void {
    this.#ready.add(key)
    this.#readyBytes += key.records[0]!.bytes
  }
}
