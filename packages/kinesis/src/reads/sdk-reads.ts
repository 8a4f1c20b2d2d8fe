import type { KinesisClient } from '@aws-sdk/client-kinesis'
import { loadSdk } from '../client/create-client.ts'
import type { Shard } from '../shards/shard.ts'
import type { FetchedRecords, KinesisReads, ReadFrom, StreamRef } from './kinesis-reads.ts'
import { streamInput, toChild, toRecord, toShard } from './sdk-shapes.ts'

/** The calls of {@link KinesisReads} through a client, which is closed with them. */
export class SdkReads implements KinesisReads {
  readonly #client: KinesisClient

  constructor(client: KinesisClient) {
    this.#client = client
  }

  async listShards(stream: StreamRef, abortSignal: AbortSignal): Promise<Shard[]> {
    const { ListShardsCommand } = await loadSdk()
    const shards: Shard[] = []
    let next: string | undefined
    do {
      const command = new ListShardsCommand(next === undefined ? streamInput(stream) : { NextToken: next })
      const page = await this.#client.send(command, { abortSignal })
      for (const shard of page.Shards ?? []) shards.push(toShard(shard))
      next = page.NextToken
    } while (next !== undefined)
    return shards
  }

  async shardIterator(
    stream: StreamRef,
    shardId: string,
    from: ReadFrom,
    abortSignal: AbortSignal,
  ): Promise<string> {
    const { GetShardIteratorCommand } = await loadSdk()
    const command = new GetShardIteratorCommand({
      ...streamInput(stream),
      ShardId: shardId,
      ...iteratorInput(from),
    })
    const { ShardIterator: iterator } = await this.#client.send(command, { abortSignal })
    return iterator ?? ''
  }

  async getRecords(
    stream: StreamRef,
    iterator: string,
    limit: number,
    abortSignal: AbortSignal,
  ): Promise<FetchedRecords> {
    const { GetRecordsCommand } = await loadSdk()
    const command = new GetRecordsCommand({
      ShardIterator: iterator,
      Limit: limit,
      ...(stream.arn === undefined ? {} : { StreamARN: stream.arn }),
    })
    const answer = await this.#client.send(command, { abortSignal })
    return {
      records: (answer.Records ?? []).map(toRecord),
      // Some stand-ins for Kinesis end a shard with an empty one.
      nextIterator: answer.NextShardIterator || undefined,
      behindMs: answer.MillisBehindLatest ?? 0,
      children: (answer.ChildShards ?? []).map(toChild),
    }
  }

  close(): void {
    this.#client.destroy()
  }
}

function iteratorInput(from: ReadFrom) {
  if (from === 'latest') return { ShardIteratorType: 'LATEST' } as const
  switch (from.at) {
    case 'trim-horizon':
      return { ShardIteratorType: 'TRIM_HORIZON' } as const
    case 'timestamp':
      return { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(from.epochMs) } as const
    case 'after':
      return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: from.sequence } as const
    case 'within':
      return { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: from.sequence } as const
  }
}
