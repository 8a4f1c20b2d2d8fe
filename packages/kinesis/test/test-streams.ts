import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type KinesisClient, waitUntilStreamExists } from '@aws-sdk/client-kinesis'
import type { KinesisIngressDefinition } from '@statefun/engine'
import { inject } from 'vitest'
import { clientProperties } from '../src/client/client-properties.ts'
import { createClient, loadSdk } from '../src/client/create-client.ts'
import { readClientSettings } from '../src/client/read-client-settings.ts'
import { ingress } from './pulling-engine.ts'

/** What the first test of a run may have to wait for: an installation. */
export const START_MS = 900_000

/** LocalStack repeats a record that comes in the second in which its shard is made, until there is another one. */
const FIRST_SECOND_MS = 1500

/** An account and a region of LocalStack, which takes the key for the account when it has twelve digits. */
export interface Place {
  readonly endpoint: string
  readonly accessKeyId: string
  readonly region: string
}

/** The LocalStack of this run. */
export async function localStackPlace(): Promise<Place> {
  const answer: unknown = await (await fetch(inject('localStackStarter'))).json()
  const { endpoint, credentials, error } = answer as {
    endpoint: string
    credentials: { accessKeyId: string }
    error?: string
  }
  if (error !== undefined) throw new Error(error)
  return { endpoint, accessKeyId: credentials.accessKeyId, region: 'us-east-1' }
}

/** An ingress that reads there. */
export function ingressAt(
  { endpoint, accessKeyId, region }: Place,
  changes: Partial<KinesisIngressDefinition>,
): KinesisIngressDefinition {
  return ingress({
    awsRegion: { type: 'custom-endpoint', endpoint, id: region },
    awsCredentials: { type: 'basic', accessKeyId, secretAccessKey: 'test' },
    ...changes,
  })
}

/** Streams of a test. */
export class TestStreams {
  readonly place: Place
  readonly client: KinesisClient

  private constructor(place: Place, client: KinesisClient) {
    this.place = place
    this.client = client
  }

  static async at(place: Place): Promise<TestStreams> {
    const definition = ingressAt(place, {})
    return new TestStreams(
      place,
      await createClient(readClientSettings(definition, clientProperties(definition))),
    )
  }

  close(): void {
    this.client.destroy()
  }

  /** Makes a stream, with a name of its own unless one is given, and returns the name when it is active. */
  async create(shards = 1, name = `test-${randomUUID()}`): Promise<string> {
    const { CreateStreamCommand } = await loadSdk()
    await this.client.send(new CreateStreamCommand({ StreamName: name, ShardCount: shards }))
    await this.active(name)
    await sleep(FIRST_SECOND_MS)
    return name
  }

  async arnOf(stream: string): Promise<string> {
    const { DescribeStreamSummaryCommand } = await loadSdk()
    const answer = await this.client.send(new DescribeStreamSummaryCommand({ StreamName: stream }))
    return answer.StreamDescriptionSummary?.StreamARN ?? ''
  }

  async active(stream: string): Promise<void> {
    await waitUntilStreamExists(
      { client: this.client, maxWaitTime: 60, minDelay: 0.02, maxDelay: 0.2 },
      { StreamName: stream },
    )
    const { DescribeStreamSummaryCommand } = await loadSdk()
    for (;;) {
      const answer = await this.client.send(new DescribeStreamSummaryCommand({ StreamName: stream }))
      if (answer.StreamDescriptionSummary?.StreamStatus === 'ACTIVE') return
      await sleep(20)
    }
  }

  async put(stream: string, partitionKey: string, data: string | Uint8Array): Promise<void> {
    await this.putAll(stream, [{ partitionKey, data }])
  }

  /** Up to 500 at once; those of a key keep their order. */
  async putAll(
    stream: string,
    records: readonly { readonly partitionKey: string; readonly data: string | Uint8Array }[],
  ): Promise<void> {
    const { PutRecordsCommand } = await loadSdk()
    const answer = await this.client.send(
      new PutRecordsCommand({
        StreamName: stream,
        Records: records.map(({ partitionKey, data }) => ({
          PartitionKey: partitionKey,
          Data: typeof data === 'string' ? Buffer.from(data) : data,
        })),
      }),
    )
    if (answer.FailedRecordCount) throw new Error(`${answer.FailedRecordCount} records were not taken`)
  }

  /** Splits the first open shard in the middle. */
  async split(stream: string): Promise<void> {
    const { SplitShardCommand } = await loadSdk()
    const [shard] = await this.#open(stream)
    const { StartingHashKey = '0', EndingHashKey = '0' } = shard?.HashKeyRange ?? {}
    const middle = (BigInt(StartingHashKey) + BigInt(EndingHashKey)) / 2n
    await this.client.send(
      new SplitShardCommand({
        StreamName: stream,
        ShardToSplit: shard?.ShardId,
        NewStartingHashKey: String(middle),
      }),
    )
    await this.active(stream)
  }

  /** Merges the two open shards with the smallest hash keys. */
  async merge(stream: string): Promise<void> {
    const { MergeShardsCommand } = await loadSdk()
    const [left, right] = await this.#open(stream)
    await this.client.send(
      new MergeShardsCommand({
        StreamName: stream,
        ShardToMerge: left?.ShardId,
        AdjacentShardToMerge: right?.ShardId,
      }),
    )
    await this.active(stream)
  }

  async #open(stream: string) {
    const { ListShardsCommand } = await loadSdk()
    const { Shards = [] } = await this.client.send(new ListShardsCommand({ StreamName: stream }))
    const first = (shard: (typeof Shards)[number]) => BigInt(shard.HashKeyRange?.StartingHashKey ?? 0)
    return Shards.filter((shard) => shard.SequenceNumberRange?.EndingSequenceNumber === undefined).sort(
      (a, b) => (first(a) < first(b) ? -1 : 1),
    )
  }
}
