import type { Clock, Logger } from '@statefun/engine'
import type { StatefunError } from '@statefun/protocol'
import type { IngressMetrics } from '../ingress-metrics.ts'
import type { KinesisPartition } from '../kinesis-partition.ts'
import type { KinesisReads, StreamRef } from '../reads/kinesis-reads.ts'
import type { MemoryBudget } from '../reads/memory-budget.ts'
import type { ReadFailures } from '../reads/read-failures.ts'
import type { Shard } from './shard.ts'
import type { PaceLimits } from './shard-pace.ts'

/** Fetches the records of one shard into its partition. */
export interface Reader {
  readonly partition: KinesisPartition
  /** Milliseconds behind the end of the shard, when records came last. */
  readonly behindMs: number
  /** Settles after {@link stop}, at the end of the shard, and after it told its owner of a failure; never rejects. */
  run(): Promise<void>
  /** The engine took records: there may be room for more. */
  wake(): void
  stop(): void
}

/** What a reader tells its owner. */
export interface ReaderOwner {
  ready(partition: KinesisPartition): void
  /** All records of the shard are in its partition. */
  ended(partition: KinesisPartition, children: readonly Shard[]): void
  /** Kinesis knows no such shard. True when that is so, and the shard was ended; false when it is worth another try. */
  gone(partition: KinesisPartition): Promise<boolean>
  failed(error: StatefunError): void
}

/** What the readers of one stream share. */
export interface ReaderContext {
  readonly stream: StreamRef
  readonly reads: KinesisReads
  readonly failures: ReadFailures
  readonly budget: MemoryBudget
  readonly metrics: IngressMetrics
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly pace: PaceLimits
  /** Records in one answer. */
  readonly mostRecords: number
}
