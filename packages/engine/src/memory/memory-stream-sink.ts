import { createHash } from 'node:crypto'
import type { Address, TypedValue } from '@statefun/protocol'
import { checkedKinesisRecord, type KinesisRecordRules } from '../connector/kinesis-record.ts'
import type { Sink } from '../connector/sink.ts'
import type { KinesisEgressDefinition } from '../module/model.ts'
import type { MemoryTopics } from './memory-topics.ts'
import type { StreamNames } from './stream-names.ts'

/** What a stream takes that nobody has set up for more (AWS: MaxRecordSizeInKiB). */
const USUAL_KIB = '1024'

/** A Kinesis egress of module.yaml on in-process topics: a record is delivered when it is written. */
export class MemoryStreamSink implements Sink {
  readonly id: string
  readonly saturated = false
  readonly #topics: MemoryTopics
  readonly #names: StreamNames
  readonly #rules: KinesisRecordRules

  constructor(definition: KinesisEgressDefinition, topics: MemoryTopics, names: StreamNames) {
    this.id = definition.id
    this.#topics = topics
    this.#names = names
    const properties = new Map(definition.clientConfigProperties)
    this.#rules = {
      id: this.id,
      defaultStream: definition.streamName,
      maxRecordBytes: Number(properties.get('MaxRecordSizeInKiB') ?? USUAL_KIB) * 1024,
    }
  }

  async start(): Promise<void> {}

  write(value: TypedValue, sender?: Address): void {
    const { stream, partitionKey, explicitHashKey, data } = checkedKinesisRecord(value, this.#rules, sender)
    const topic = this.#names.topicOf(stream)
    this.#topics.produce(topic, {
      key: partitionKey,
      value: data,
      partition: shardOf(partitionKey, explicitHashKey, this.#topics.partitions(topic)),
    })
  }

  nudge(): void {}

  async flush(): Promise<void> {}

  async stop(): Promise<void> {}
}

/** Which of `count` equal shards has a record, by its hash key or the MD5 of its partition key. */
function shardOf(partitionKey: string, explicitHashKey: string | undefined, count: number): number {
  if (count === 1) return 0
  const hash = explicitHashKey ?? `0x${createHash('md5').update(partitionKey, 'utf8').digest('hex')}`
  return Number((BigInt(hash) * BigInt(count)) >> 128n)
}
