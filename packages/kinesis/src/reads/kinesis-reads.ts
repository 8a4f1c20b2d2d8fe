import type { Shard } from '../shards/shard.ts'
import type { ShardPosition } from '../shards/shard-position.ts'

/** A stream as requests name it: by its ARN when module.yaml has one. */
export interface StreamRef {
  readonly name: string
  readonly arn: string | undefined
}

/** ARN or name: what tells streams of an ingress apart, and the first part of the names of partitions. */
export function streamKey({ name, arn }: StreamRef): string {
  return arn ?? name
}

/** A record as Kinesis hands it out; it may be an aggregate. */
export interface FetchedRecord {
  readonly sequence: string
  readonly partitionKey: string
  readonly data: Uint8Array
}

/** An answer with records. */
export interface FetchedRecords {
  readonly records: readonly FetchedRecord[]
  /** Undefined at the end of a shard. */
  readonly nextIterator: string | undefined
  /** Milliseconds that the last record is behind the end of the shard; 0 when nothing more is there. */
  readonly behindMs: number
  /** At the end of a shard; may be missing. */
  readonly children: readonly Shard[]
}

/** Where an iterator or a subscription starts. */
export type ReadFrom = Exclude<ShardPosition, { readonly at: 'closed' }> | 'latest'

/**
 * The calls of Kinesis that reading takes: one attempt each. They reject with what the SDK throws.
 */
export interface KinesisReads {
  /** All shards of a stream. */
  listShards(stream: StreamRef, signal: AbortSignal): Promise<Shard[]>
  shardIterator(stream: StreamRef, shardId: string, from: ReadFrom, signal: AbortSignal): Promise<string>
  getRecords(stream: StreamRef, iterator: string, limit: number, signal: AbortSignal): Promise<FetchedRecords>
  close(): void
}
