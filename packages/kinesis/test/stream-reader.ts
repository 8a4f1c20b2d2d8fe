import type { KinesisClient } from '@aws-sdk/client-kinesis'
import { loadSdk } from '../src/client/create-client.ts'

/** A record as it lies in a stream. */
export interface StoredRecord {
  readonly shard: string
  readonly partitionKey: string
  readonly data: Uint8Array
}

/** All records of a stream by now, those of a shard in their order. */
export async function readStream(client: KinesisClient, stream: string): Promise<StoredRecord[]> {
  const { GetRecordsCommand, GetShardIteratorCommand, ListShardsCommand } = await loadSdk()
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: stream }))
  const found: StoredRecord[] = []
  for (const { ShardId: shard = '' } of Shards) {
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({
        StreamName: stream,
        ShardId: shard,
        ShardIteratorType: 'TRIM_HORIZON',
      }),
    )
    let iterator = ShardIterator
    while (iterator !== undefined) {
      const answer = await client.send(new GetRecordsCommand({ ShardIterator: iterator }))
      const records = answer.Records ?? []
      for (const { PartitionKey: partitionKey = '', Data: data = new Uint8Array() } of records) {
        found.push({ shard, partitionKey, data })
      }
      iterator = records.length === 0 ? undefined : answer.NextShardIterator
    }
  }
  return found
}
