import type { Shard } from '../shards/shard.ts'
import type { FetchedRecord, ReadFrom, StreamRef } from './kinesis-reads.ts'

/** What a subscription hands out, every few seconds also without records. */
export interface SubscriptionEvent {
  readonly records: readonly FetchedRecord[]
  /** Milliseconds that the last record is behind the end of the shard. */
  readonly behindMs: number
  /** All records of the shard were handed out. */
  readonly atEnd: boolean
  /** At the end of a shard. */
  readonly children: readonly Shard[]
}

/** How far a consumer of a stream is: a stream hands out records to those that are active. */
export interface StreamConsumer {
  readonly arn: string
  readonly active: boolean
}

/** The calls of enhanced fan-out: one attempt each. They reject with what the SDK throws. */
export interface KinesisSubscriptions {
  streamArn(stream: StreamRef, signal: AbortSignal): Promise<string>
  /** Undefined when there is none of this name. */
  describeConsumer(streamArn: string, name: string, signal: AbortSignal): Promise<StreamConsumer | undefined>
  registerConsumer(streamArn: string, name: string, signal: AbortSignal): Promise<void>
  /** Records of a shard as they come, for five minutes at most; whoever stops iterating ends it. */
  subscribe(
    consumerArn: string,
    shardId: string,
    from: ReadFrom,
    signal: AbortSignal,
  ): Promise<AsyncIterable<SubscriptionEvent>>
  close(): void
}
