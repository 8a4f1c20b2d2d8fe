import type {
  ChildShard,
  HashKeyRange,
  _Record as SdkRecord,
  Shard as SdkShard,
} from '@aws-sdk/client-kinesis'
import type { Shard } from '../shards/shard.ts'
import type { FetchedRecord, StreamRef } from './kinesis-reads.ts'

/** How a request names a stream. */
export function streamInput({ name, arn }: StreamRef) {
  return arn === undefined ? { StreamName: name } : { StreamARN: arn }
}

/** A record of the SDK. */
export function toRecord({ SequenceNumber, PartitionKey, Data }: SdkRecord): FetchedRecord {
  return { sequence: SequenceNumber ?? '', partitionKey: PartitionKey ?? '', data: Data ?? NO_BYTES }
}

const NO_BYTES = new Uint8Array(0)

/** A shard of a listing. */
export function toShard(shard: SdkShard): Shard {
  return {
    id: shard.ShardId ?? '',
    parents: [shard.ParentShardId, shard.AdjacentParentShardId].filter((id) => isText(id)),
    closed: shard.SequenceNumberRange?.EndingSequenceNumber !== undefined,
    hashRange: toRange(shard.HashKeyRange),
  }
}

function isText(text: string | undefined): text is string {
  return text !== undefined && text !== ''
}

/** A shard that comes with the end of its parents. */
export function toChild(child: ChildShard): Shard {
  return {
    id: child.ShardId ?? '',
    parents: child.ParentShards ?? [],
    closed: false,
    hashRange: toRange(child.HashKeyRange),
  }
}

function toRange(range: HashKeyRange | undefined): Shard['hashRange'] {
  if (range?.StartingHashKey === undefined || range.EndingHashKey === undefined) return undefined
  return { first: BigInt(range.StartingHashKey), last: BigInt(range.EndingHashKey) }
}
