import type { Metadata } from '@statefun/protocol'
import type { StoredRecord } from './kafka-record.ts'

/** A record to write, as bytes. */
export interface RecordToWrite {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly Metadata[]
  /** By the key's hash when left out, as Java's producer does it. */
  readonly partition?: number
}

/** Where a record lies. */
export interface RecordPlace {
  readonly partition: number
  readonly offset: number
}

/** The next offset of each partition, by its number. */
export type TopicPositions = readonly number[]

/** Topics, wherever they are: those of a broker, or in the gate's own process. */
export interface TopicAccess extends AsyncDisposable {
  /** Writes records in order; settles when they are stored. Tries again while a broker is away, until the signal. */
  write(
    topic: string,
    records: readonly RecordToWrite[],
    signal: AbortSignal,
  ): Promise<readonly RecordPlace[]>
  /**
   * Reads on and on, also from a topic that comes into being only later; ends by the signal's abort alone.
   *
   * @param from the beginning when undefined
   */
  follow(topic: string, from: TopicPositions | undefined, signal: AbortSignal): AsyncIterable<StoredRecord>
  /** Where the next records go; empty for a topic that does not exist. */
  ends(topic: string, signal: AbortSignal): Promise<TopicPositions>
}
