import type { Route, SourcePartition } from '@statefun/engine'
import { deaggregate, type SubRecord } from './aggregate/deaggregate.ts'
import { belongTo } from './aggregate/hash-range.ts'
import type { FetchedRecord, ReadFrom } from './reads/kinesis-reads.ts'
import type { Shard } from './shards/shard.ts'
import { formatPosition, type ShardPosition } from './shards/shard-position.ts'

/** What a partition tells its reader. */
export interface PartitionOwner {
  /** A part of what was fetched has been read to its end: its bytes are free, `records` were taken from it. */
  consumed(bytes: number, records: number): void
  /** An aggregate was dropped that was packed for another shard. */
  dropped(sequence: string, records: number): void
  /** The shard is closed and all its records were taken; called once, not from within {@link KinesisPartition.next}. */
  finished(): void
}

interface Chunk {
  readonly records: readonly FetchedRecord[]
  readonly bytes: number
}

/** What a record takes in memory besides its bytes. */
const RECORD_OVERHEAD = 200

/** One shard as the engine pulls it. The fetching side adds records with {@link add} and {@link end}. */
export class KinesisPartition implements SourcePartition {
  readonly name: string
  readonly route: Route
  readonly shard: Shard
  readonly #owner: PartitionOwner
  readonly #waiting: Chunk[] = []
  #chunk: Chunk | undefined
  /** Of the next record in the chunk. */
  #at = 0
  #taken = 0
  #record: FetchedRecord | undefined
  #aggregate: readonly SubRecord[] | undefined
  /** Of the next one in the aggregate. */
  #subAt = 0
  #current: { readonly partitionKey: string; readonly data: Uint8Array } | undefined
  #position: ShardPosition
  #fetched: ShardPosition
  #buffered = 0
  #ended = false
  #finished = false

  /** @param start where the first fetch starts */
  constructor(name: string, route: Route, shard: Shard, start: ShardPosition, owner: PartitionOwner) {
    this.name = name
    this.route = route
    this.shard = shard
    this.#position = start
    this.#fetched = start
    this.#owner = owner
  }

  /** Where the next fetch has to start. */
  get fetchFrom(): ReadFrom {
    return this.#fetched as ReadFrom
  }

  /** Estimated bytes in memory. */
  get buffered(): number {
    return this.#buffered
  }

  /** Parts of answers that were not read to their end. */
  get chunks(): number {
    return this.#waiting.length + (this.#chunk === undefined ? 0 : 1)
  }

  /**
   * Takes records that were fetched at {@link fetchFrom}; returns their estimated bytes in memory. Those that were fetched
   * before are left out: the stand-in of LocalStack repeats a record that came in the second in which its shard was made.
   */
  add(fetched: readonly FetchedRecord[]): number {
    const known = fetched.findIndex(({ sequence }) => !this.#has(sequence))
    const records = known > 0 ? fetched.slice(known) : fetched
    const last = records.at(-1)
    if (known < 0 || last === undefined) return 0
    let bytes = records.length * RECORD_OVERHEAD
    for (const { data } of records) bytes += data.length
    this.#waiting.push({ records, bytes })
    this.#buffered += bytes
    this.#fetched = { at: 'after', sequence: last.sequence }
    return bytes
  }

  /** Nothing more comes. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    if (this.#drained) this.#finish()
  }

  /** Frees all that is buffered; nothing is taken any more. */
  clear(): void {
    this.#waiting.length = 0
    this.#chunk = undefined
    this.#aggregate = undefined
    this.#current = undefined
    this.#buffered = 0
  }

  next(): boolean {
    this.#current = undefined
    for (;;) {
      if (this.#nextOfAggregate()) return true
      const record = this.#nextRecord()
      if (record === undefined) return false
      const aggregate = deaggregate(record.data)
      if (aggregate === undefined) {
        this.#current = record
        this.#position = { at: 'after', sequence: record.sequence }
        this.#taken++
        return true
      }
      this.#enter(record, aggregate)
    }
  }

  id(): string {
    return this.#current!.partitionKey
  }

  value(): Uint8Array {
    return this.#current!.data
  }

  metadata(): undefined {
    return undefined
  }

  position(): string {
    if (!this.#ended || !this.#drained) return formatPosition(this.#position)
    return formatPosition({ at: 'closed', since: this.since })
  }

  /** The timestamp at which it started, as long as no record was taken. */
  get since(): number | undefined {
    return this.#position.at === 'timestamp' ? this.#position.epochMs : undefined
  }

  get #drained(): boolean {
    const { records } = this.#chunk ?? { records: [] }
    return this.#waiting.length === 0 && this.#aggregate === undefined && this.#at >= records.length
  }

  #has(sequence: string): boolean {
    const { at } = this.#fetched
    if (at === 'within') return isBefore(sequence, this.#fetched.sequence)
    return at === 'after' && !isBefore(this.#fetched.sequence, sequence)
  }

  #nextOfAggregate(): boolean {
    const { sequence } = this.#record ?? {}
    if (this.#aggregate === undefined || sequence === undefined) return false
    this.#current = this.#aggregate[this.#subAt++]
    const more = this.#subAt < this.#aggregate.length
    this.#position = more ? { at: 'within', sequence, taken: this.#subAt } : { at: 'after', sequence }
    if (!more) this.#aggregate = undefined
    this.#taken++
    return true
  }

  #nextRecord(): FetchedRecord | undefined {
    while (this.#chunk === undefined || this.#at >= this.#chunk.records.length) {
      this.#leaveChunk()
      this.#chunk = this.#waiting.shift()
      this.#at = 0
      if (this.#chunk === undefined) return undefined
    }
    this.#record = this.#chunk.records[this.#at++]
    return this.#record
  }

  #enter(record: FetchedRecord, aggregate: readonly SubRecord[]): void {
    const { sequence } = record
    const { hashRange } = this.shard
    const belongs = hashRange === undefined || belongTo(hashRange, aggregate)
    if (!belongs) this.#owner.dropped(sequence, aggregate.length)
    const begun = this.#position.at === 'within' && this.#position.sequence === sequence
    const from = begun && this.#position.at === 'within' ? this.#position.taken : 0
    if (belongs && from < aggregate.length) {
      this.#aggregate = aggregate
      this.#subAt = from
    } else {
      this.#position = { at: 'after', sequence }
    }
  }

  #leaveChunk(): void {
    if (this.#chunk === undefined) return
    const { bytes } = this.#chunk
    this.#chunk = undefined
    this.#buffered -= bytes
    const taken = this.#taken
    this.#taken = 0
    this.#owner.consumed(bytes, taken)
    if (this.#ended && this.#waiting.length === 0) this.#finish()
  }

  /** Later: who is asked for a record must not find partitions added meanwhile. */
  #finish(): void {
    if (this.#finished) return
    this.#finished = true
    queueMicrotask(() => this.#owner.finished())
  }
}

/** Sequence numbers are decimal, without zeros at the beginning. */
function isBefore(sequence: string, other: string): boolean {
  return sequence.length === other.length ? sequence < other : sequence.length < other.length
}
