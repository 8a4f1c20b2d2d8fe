import { setTimeout as sleep } from 'node:timers/promises'
import {
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { LocalStack } from '@statefun/gate'

/** The streams that records are moved between, and the type of the records. */
export const STREAM_IN = 'bench.in'
export const STREAM_OUT = 'bench.out'
export const VALUE_TYPE = 'bench/record'

/** What one request may hold (AWS: PutRecords, GetRecords). */
export const MOST_PUT = 500
const MOST_GOT = 10_000
/** How long a shard that had nothing is left alone. */
const IDLE_MS = 50

/** A record as far as it matters here. */
export interface StreamRecord {
  readonly key: string
  readonly data: Uint8Array
}

/** A client such as the engine's connector has, over HTTP/1.1; the caller destroys it. */
export function openClient({
  endpoint,
  region,
  credentials,
}: Pick<LocalStack, 'endpoint' | 'region' | 'credentials'>): KinesisClient {
  return new KinesisClient({ endpoint, region, credentials, requestHandler: new NodeHttpHandler() })
}

/** Makes a stream anew. */
export async function remakeStream(
  aws: LocalStack,
  client: KinesisClient,
  name: string,
  shards: number,
): Promise<void> {
  try {
    await client.send(new DeleteStreamCommand({ StreamName: name, EnforceConsumerDeletion: true }))
    for (;;) {
      await client.send(new DescribeStreamSummaryCommand({ StreamName: name }))
      await sleep(IDLE_MS)
    }
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error
  }
  await aws.createStream(name, { shards })
}

/** One PutRecords request. @throws Error when a record is not taken: a figure with repetitions would not be the limit */
export async function put(
  client: KinesisClient,
  stream: string,
  records: readonly StreamRecord[],
): Promise<void> {
  const { FailedRecordCount } = await client.send(
    new PutRecordsCommand({
      StreamName: stream,
      Records: records.map(({ key, data }) => ({ PartitionKey: key, Data: data })),
    }),
  )
  if (FailedRecordCount !== undefined && FailedRecordCount > 0) {
    throw new Error(`${FailedRecordCount} records were not taken`)
  }
}

/**
 * Reads all shards of a stream from their beginnings, at once, until `done`; waits for the callback before the next request
 * of a shard.
 */
export async function readAll(
  client: KinesisClient,
  stream: string,
  onRecords: (records: readonly StreamRecord[]) => Promise<void> | void,
  done: () => boolean,
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
      while (iterator !== undefined && !done()) {
        const answer = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: MOST_GOT }))
        const records = (answer.Records ?? []).map(({ PartitionKey: key = '', Data = new Uint8Array() }) => ({
          key,
          data: Data,
        }))
        if (records.length > 0) await onRecords(records)
        else if (!done()) await sleep(IDLE_MS)
        iterator = answer.NextShardIterator
      }
    }),
  )
}
