/** Kinesis answers with at most that many records. */
export const MOST_RECORDS = 10_000
/** Before anything is known of a shard. */
const GUESS_BYTES = 1024
/** Weight of the last answer. */
const WEIGHT = 0.3

/** Turns bytes into a number of records, which is all that can be asked for, by the size of those that came so far. */
export class FetchSize {
  readonly #most: number
  #average = GUESS_BYTES

  /** @param most records in one answer */
  constructor(most = MOST_RECORDS) {
    this.#most = most
  }

  /** How many records to ask for so that about `bytes` come. */
  recordsFor(bytes: number): number {
    return Math.min(Math.max(Math.floor(bytes / this.#average), 1), this.#most)
  }

  came(records: number, bytes: number): void {
    if (records === 0) return
    // Large ones count at once: memory is at stake.
    const last = Math.max(bytes / records, 1)
    this.#average = last > this.#average ? last : this.#average + (last - this.#average) * WEIGHT
  }
}
