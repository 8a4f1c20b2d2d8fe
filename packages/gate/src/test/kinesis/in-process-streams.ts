import type { StoredRecord } from '../kafka/kafka-record.ts'
import type { TopicAccess } from '../kafka/topic-access.ts'
import type { StoredStreamRecord, StreamAccess, StreamRecordToWrite } from './stream-access.ts'

/** The streams of the process that holds the parts: the engine keeps the stream `a` in the topic `kinesis:a`. */
export class InProcessStreams implements StreamAccess {
  readonly #topics: TopicAccess

  constructor(topics: TopicAccess) {
    this.#topics = topics
  }

  async write(stream: string, records: readonly StreamRecordToWrite[], signal: AbortSignal): Promise<void> {
    const encoder = new TextEncoder()
    await this.#topics.write(
      topicOf(stream),
      records.map(({ partitionKey, data }) => ({
        key: encoder.encode(partitionKey),
        value: data,
        headers: [],
      })),
      signal,
    )
  }

  async *follow(stream: string, signal: AbortSignal): AsyncIterable<StoredStreamRecord> {
    for await (const record of this.#topics.follow(topicOf(stream), undefined, signal)) {
      yield toStored(stream, record)
    }
  }

  async now(stream: string, signal: AbortSignal): Promise<readonly StoredStreamRecord[]> {
    const ends = await this.#topics.ends(topicOf(stream), signal)
    let left = ends.reduce((sum, end) => sum + end, 0)
    const found: StoredStreamRecord[] = []
    if (left === 0) return found
    for await (const record of this.#topics.follow(topicOf(stream), undefined, signal)) {
      found.push(toStored(stream, record))
      if (--left === 0) break
    }
    return found
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#topics[Symbol.asyncDispose]()
  }
}

function topicOf(stream: string): string {
  return `kinesis:${stream}`
}

function toStored(stream: string, { key, value, partition, offset }: StoredRecord): StoredStreamRecord {
  return {
    stream,
    shard: `shardId-${String(partition).padStart(12, '0')}`,
    sequenceNumber: String(offset),
    partitionKey: new TextDecoder().decode(key ?? new Uint8Array()),
    data: value ?? new Uint8Array(),
  }
}
