import { setTimeout as sleep } from 'node:timers/promises'
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  type _Record as SdkRecord,
} from '@aws-sdk/client-kinesis'
import { deaggregate } from '@statefun/kinesis'
import { StatefunError } from '@statefun/protocol'
import type { AwsAccess } from '../../topology/deployment-access.ts'
import { clientSettings } from '../aws-client.ts'
import type { StoredStreamRecord, StreamAccess, StreamRecordToWrite } from './stream-access.ts'

const PAUSE_MS = 200
const AT_ONCE = 1000

/** The streams of a LocalStack, through the SDK of AWS. */
export class AwsStreams implements StreamAccess {
  readonly #client: KinesisClient

  constructor(access: AwsAccess) {
    this.#client = new KinesisClient(clientSettings(access))
  }

  async write(stream: string, records: readonly StreamRecordToWrite[], signal: AbortSignal): Promise<void> {
    // One after another, as their order counts.
    for (const { partitionKey, data, explicitHashKey } of records) {
      const command = new PutRecordCommand({
        StreamName: stream,
        PartitionKey: partitionKey,
        Data: data,
        ...(explicitHashKey === undefined ? {} : { ExplicitHashKey: explicitHashKey }),
      })
      await this.#again(stream, signal, () => this.#client.send(command))
    }
  }

  async *follow(stream: string, signal: AbortSignal): AsyncIterable<StoredStreamRecord> {
    // What was read of a shard by its last sequence number, so that a new iterator goes on there.
    const last = new Map<string, string>()
    while (!signal.aborted) {
      let found = 0
      try {
        for (const shard of await this.#shards(stream)) {
          for (const record of await this.#after(stream, shard, last.get(shard))) {
            last.set(shard, record.sequenceNumber)
            found++
            yield record
          }
        }
      } catch {
        // It is away, or the stream not there yet: whoever reads sets the time limit.
      }
      if (found === 0) await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  async now(stream: string, signal: AbortSignal): Promise<readonly StoredStreamRecord[]> {
    return await this.#again(stream, signal, async () => {
      const all: StoredStreamRecord[] = []
      for (const shard of await this.#shards(stream)) {
        for (let last: string | undefined; ; ) {
          const records = await this.#after(stream, shard, last)
          if (records.length === 0) break
          all.push(...records)
          last = records.at(-1)?.sequenceNumber
        }
      }
      return all
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy()
  }

  async #shards(stream: string): Promise<string[]> {
    const { Shards = [] } = await this.#client.send(new ListShardsCommand({ StreamName: stream }))
    return Shards.flatMap(({ ShardId }) => (ShardId === undefined ? [] : [ShardId]))
  }

  async #after(stream: string, shard: string, last: string | undefined): Promise<StoredStreamRecord[]> {
    const { ShardIterator } = await this.#client.send(
      new GetShardIteratorCommand({
        StreamName: stream,
        ShardId: shard,
        ...(last === undefined
          ? { ShardIteratorType: 'TRIM_HORIZON' }
          : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: last }),
      }),
    )
    const { Records = [] } = await this.#client.send(new GetRecordsCommand({ ShardIterator, Limit: AT_ONCE }))
    return Records.flatMap((record) => toStored(stream, shard, record))
  }

  async #again<Made>(stream: string, signal: AbortSignal, attempt: () => Promise<Made>): Promise<Made> {
    for (;;) {
      try {
        return await attempt()
      } catch (cause) {
        if (signal.aborted) {
          const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
          throw new StatefunError('SF_GATE_KINESIS', `Kinesis did not do it: ${message}`, {
            where: `stream [${stream}]`,
            cause,
          })
        }
      }
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined)
    }
  }
}

/** Flink's producer packs several records into one. */
function toStored(stream: string, shard: string, record: SdkRecord): readonly StoredStreamRecord[] {
  const {
    SequenceNumber: sequenceNumber = '',
    PartitionKey: partitionKey = '',
    Data = new Uint8Array(),
  } = record
  const records = deaggregate(Data) ?? [{ partitionKey, data: Data }]
  return records.map((one) => ({
    stream,
    shard,
    sequenceNumber,
    partitionKey: one.partitionKey,
    data: one.data,
  }))
}
