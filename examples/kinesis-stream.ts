import { setTimeout as sleep } from 'node:timers/promises'
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis'

/** A record as producers give it. */
export interface NewRecord {
  readonly partitionKey: string
  readonly data: Uint8Array
}

/** Writes records in one request, and again what Kinesis did not take. */
export async function putAll(
  client: KinesisClient,
  stream: string,
  records: readonly NewRecord[],
): Promise<void> {
  let left = records
  while (left.length > 0) {
    const { Records: results = [] } = await client.send(
      new PutRecordsCommand({
        StreamName: stream,
        Records: left.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data })),
      }),
    )
    left = left.filter((_, index) => results[index]?.ErrorCode !== undefined)
    if (left.length > 0) await sleep(200)
  }
}

/** Hands over every record of a stream, the ones that are there first, until `signal` ends it. */
export async function tail(
  client: KinesisClient,
  stream: string,
  signal: AbortSignal,
  listener: (data: Uint8Array) => void,
): Promise<void> {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: stream }))
  await Promise.all(
    Shards.map(async ({ ShardId }) => {
      const start = new GetShardIteratorCommand({
        StreamName: stream,
        ShardId,
        ShardIteratorType: 'TRIM_HORIZON',
      })
      let iterator = (await client.send(start)).ShardIterator
      while (iterator !== undefined && !signal.aborted) {
        const answer = await client.send(new GetRecordsCommand({ ShardIterator: iterator }))
        for (const { Data } of answer.Records ?? []) if (Data !== undefined) listener(Data)
        iterator = answer.NextShardIterator
        await sleep(100)
      }
    }),
  )
}
