/** A record as it lies in a stream. */
export interface StoredStreamRecord {
  readonly stream: string
  readonly shard: string
  /** Grows along a shard. */
  readonly sequenceNumber: string
  readonly partitionKey: string
  readonly data: Uint8Array
}

/** A record to write. */
export interface StreamRecordToWrite {
  readonly partitionKey: string
  readonly data: Uint8Array
  readonly explicitHashKey?: string
}

/** Streams, wherever they are: those of a LocalStack, or in the gate's own process. */
export interface StreamAccess extends AsyncDisposable {
  /** Writes records in order; settles when they are stored. */
  write(stream: string, records: readonly StreamRecordToWrite[], signal: AbortSignal): Promise<void>
  /** Reads all shards on and on from their beginning; ends by the signal's abort alone. */
  follow(stream: string, signal: AbortSignal): AsyncIterable<StoredStreamRecord>
  /** What is there now, shard by shard. */
  now(stream: string, signal: AbortSignal): Promise<readonly StoredStreamRecord[]>
}
