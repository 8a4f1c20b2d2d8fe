import type { AwsAccess } from '../topology/deployment-access.ts'
import { awsCall } from './aws-call.ts'
import type { ReadRecord, Tail } from './tail-record.ts'

const MOST_STREAMS = 50
/** Calls for one shard: it is read from its beginning, as there is no way to ask for its end. */
const MOST_CALLS = 50
const RECORDS_OF_A_CALL = 10_000

interface RecordOfShard {
  readonly SequenceNumber: string
  readonly ApproximateArrivalTimestamp: number
  readonly Data: string
  readonly PartitionKey: string
}

/** The last records of every Kinesis stream in the region of a deployment, `most` of each shard. */
export async function streamTails(
  aws: AwsAccess,
  most: number,
  signal: AbortSignal,
): Promise<readonly Tail[]> {
  const { StreamNames: names } = await kinesis<{ readonly StreamNames: readonly string[] }>('ListStreams', {})
  return await Promise.all(
    names.slice(0, MOST_STREAMS).map(async (name): Promise<Tail> => {
      const { Shards: shards } = await kinesis<{ readonly Shards: readonly { readonly ShardId: string }[] }>(
        'ListShards',
        { StreamName: name },
      )
      const read = await Promise.all(shards.map(({ ShardId }) => readShard(name, ShardId)))
      return {
        name: `stream ${name}`,
        total: read.reduce((sum, { total }) => sum + total, 0),
        records: read.flatMap(({ records }) => records).sort((a, b) => a.timestamp - b.timestamp),
      }
    }),
  )

  async function kinesis<Answer>(action: string, body: object): Promise<Answer> {
    const response = await awsCall(aws, 'kinesis', '/', {
      target: `Kinesis_20131202.${action}`,
      body,
      signal,
    })
    return (await response.json()) as Answer
  }

  async function readShard(stream: string, shard: string) {
    const begin = { StreamName: stream, ShardId: shard, ShardIteratorType: 'TRIM_HORIZON' }
    let iterator = (await kinesis<{ ShardIterator?: string }>('GetShardIterator', begin)).ShardIterator
    let total = 0
    const records: ReadRecord[] = []
    for (let call = 0; call < MOST_CALLS && iterator !== undefined && iterator !== null; call++) {
      const answer: {
        readonly Records: readonly RecordOfShard[]
        readonly NextShardIterator?: string
        readonly MillisBehindLatest?: number
      } = await kinesis('GetRecords', { ShardIterator: iterator, Limit: RECORDS_OF_A_CALL })
      total += answer.Records.length
      records.push(...answer.Records.slice(-most).map((record) => readRecord(shard, record)))
      records.splice(0, records.length - most)
      if (answer.Records.length === 0 && (answer.MillisBehindLatest ?? 0) === 0) break
      iterator = answer.NextShardIterator
    }
    return { total, records }
  }
}

function readRecord(shard: string, record: RecordOfShard): ReadRecord {
  return {
    partition: shard,
    offset: record.SequenceNumber,
    timestamp: Math.round(record.ApproximateArrivalTimestamp * 1000),
    key: Buffer.from(record.PartitionKey),
    value: Buffer.from(record.Data, 'base64'),
    headers: [],
  }
}
