import type { TopicRecord } from './topic-record.ts'

/** The records of one partition, oldest first, with offsets that never start over. */
export class TopicLog {
  readonly #retain: number
  #records: TopicRecord[] = []
  #start = 0

  /** @param retain how many records are kept at least; the oldest go once twice as many are there */
  constructor(retain: number) {
    this.#retain = retain
  }

  /** Offset of the oldest record kept; equal to {@link end} when there is none. */
  get start(): number {
    return this.#start
  }

  /** Offset that the next record gets. */
  get end(): number {
    return this.#start + this.#records.length
  }

  append(record: TopicRecord): void {
    if (this.#records.length === 0) this.#start = record.offset
    this.#records.push(record)
    if (this.#records.length > this.#retain * 2) {
      const drop = this.#records.length - this.#retain
      this.#records = this.#records.slice(drop)
      this.#start += drop
    }
  }

  /** The record at an offset; undefined outside of {@link start} .. {@link end}. */
  at(offset: number): TopicRecord | undefined {
    return this.#records[offset - this.#start]
  }

  /** Lets an empty log begin at a later offset, so that a position restored from a checkpoint stays meaningful. */
  beginAt(offset: number): void {
    if (this.#records.length === 0 && offset > this.#start) this.#start = offset
  }

  /** Offset of the first record that is at least as young as `epochMs`; {@link end} when there is none. */
  offsetAt(epochMs: number): number {
    const index = this.#records.findIndex((record) => record.timestamp >= epochMs)
    return index === -1 ? this.end : this.#start + index
  }
}
