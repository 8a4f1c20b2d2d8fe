import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, Message, Producer } from '@platformatic/kafka'
import { StatefunError } from '@statefun/protocol'
import { clientLibrary } from '../../kafka/client-library.ts'
import type { StoredRecord } from './kafka-record.ts'
import type { RecordPlace, RecordToWrite, TopicAccess, TopicPositions } from './topic-access.ts'

/** Between two tries while a broker is away or a topic does not exist yet. */
const PAUSE_MS = 200
const LATEST = -1n
const EARLIEST = -2n

/** The topics of a broker, through a client that shares nothing with the engine's own. */
export class BrokerTopics implements TopicAccess {
  readonly #bootstrap: string
  readonly #counts = new Map<string, number>()
  #producer: Producer | undefined
  #keyless = 0

  /** @param bootstrap `host:port` */
  constructor(bootstrap: string) {
    this.#bootstrap = bootstrap
  }

  async write(
    topic: string,
    records: readonly RecordToWrite[],
    signal: AbortSignal,
  ): Promise<readonly RecordPlace[]> {
    if (records.length === 0) return []
    const count = await this.#again(signal, () => this.#partitionsOf(topic))
    const partitions = records.map(({ key, partition }) => {
      if (partition !== undefined) return partition
      return (
        (key === null
          ? this.#keyless++
          : clientLibrary.compatibilityPartitioner({ topic }, Buffer.from(key))) % count
      )
    })
    const places: RecordPlace[] = []
    // One partition after another: what is repeated after a failure is only what that partition was to get.
    for (const partition of new Set(partitions)) {
      const indices = partitions.flatMap((each, index) => (each === partition ? [index] : []))
      const batch = indices.flatMap((index) => records[index] ?? [])
      const first = await this.#again(signal, () => this.#append(topic, partition, batch))
      indices.forEach((index, nth) => {
        places[index] = { partition, offset: first + nth }
      })
    }
    return places
  }

  /** How many partitions a topic has; makes it when it does not exist, where the broker allows that. */
  async #partitionsOf(topic: string): Promise<number> {
    const known = this.#counts.get(topic)
    if (known !== undefined) return known
    const { topics } = await this.#withProducer((producer) =>
      producer.metadata({ topics: [topic], autocreateTopics: true, forceUpdate: true }),
    )
    const count = topics.get(topic)?.partitionsCount ?? 0
    if (count === 0) throw new Error(`the topic ${topic} has no partitions yet`)
    this.#counts.set(topic, count)
    return count
  }

  /** Settles with the offset of the first record. */
  async #append(topic: string, partition: number, records: readonly RecordToWrite[]): Promise<number> {
    const { offsets = [] } = await this.#withProducer((producer) =>
      producer.send({
        messages: records.map(({ key, value, headers }) => ({
          topic,
          partition,
          // A map with a Buffer as key may hold a name twice; a value may be null on the wire, which the types leave out.
          headers: new Map(
            headers.map((header) => [Buffer.from(header.key), toBuffer(header.value) as Buffer]),
          ),
          ...(key === null ? {} : { key: toBuffer(key) as Buffer }),
          ...(value === null ? {} : { value: toBuffer(value) as Buffer }),
        })),
        acks: -1,
      }),
    )
    return Number(offsets[0]?.offset ?? 0)
  }

  /** A producer that failed is not used again. */
  async #withProducer<Made>(use: (producer: Producer) => Promise<Made>): Promise<Made> {
    this.#producer ??= new clientLibrary.Producer({ ...this.#client(), autocreateTopics: true })
    const producer = this.#producer
    try {
      return await use(producer)
    } catch (error) {
      if (this.#producer === producer) this.#producer = undefined
      this.#counts.clear()
      await producer.close().catch(() => undefined)
      throw error
    }
  }

  async *follow(
    topic: string,
    from: TopicPositions | undefined,
    signal: AbortSignal,
  ): AsyncIterable<StoredRecord> {
    const next: bigint[] = (from ?? []).map(BigInt)
    while (!signal.aborted) {
      const consumer = this.#consumer()
      try {
        const starts = await offsetsOf(consumer, topic, EARLIEST)
        for (const [partition, start] of starts.entries()) next[partition] ??= start
        const stream = await consumer.consume({
          topics: [topic],
          autocommit: false,
          mode: 'manual',
          offsets: next.map((offset, partition) => ({ topic, partition, offset })),
          isolationLevel: 1,
          maxWaitTime: 100,
        })
        const abort = () => void stream.close().catch(() => undefined)
        signal.addEventListener('abort', abort, { once: true })
        try {
          for await (const message of stream) {
            yield toStored(message)
            next[message.partition] = message.offset + 1n
          }
        } finally {
          signal.removeEventListener('abort', abort)
          await stream.close().catch(() => undefined)
        }
      } catch {
        // The broker is away or the topic not there yet: whoever reads sets the time limit.
      } finally {
        await consumer.close(true).catch(() => undefined)
      }
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  async ends(topic: string, signal: AbortSignal): Promise<TopicPositions> {
    return await this.#again(signal, async () => {
      const consumer = this.#consumer()
      try {
        return (await offsetsOf(consumer, topic, LATEST)).map(Number)
      } catch (error) {
        if (/UNKNOWN_TOPIC|[Uu]nknown topic|does not host/.test(messages(error))) return []
        throw error
      } finally {
        await consumer.close(true).catch(() => undefined)
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#producer?.close().catch(() => undefined)
  }

  async #again<Made>(signal: AbortSignal, attempt: () => Promise<Made>): Promise<Made> {
    for (;;) {
      try {
        return await attempt()
      } catch (cause) {
        if (signal.aborted) {
          throw new StatefunError('SF_GATE_KAFKA', `the broker did not do it: ${messages(cause)}`, {
            where: this.#bootstrap,
            cause,
          })
        }
      }
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  #consumer(): Consumer {
    return new clientLibrary.Consumer({ ...this.#client(), groupId: `statefun-gate-${randomUUID()}` })
  }

  #client() {
    return {
      clientId: 'statefun-gate',
      bootstrapBrokers: [this.#bootstrap],
      connectTimeout: 2_000,
      retries: 0,
      timeout: 10_000,
    }
  }
}

async function offsetsOf(consumer: Consumer, topic: string, timestamp: bigint): Promise<bigint[]> {
  return (await consumer.listOffsets({ topics: [topic], timestamp })).get(topic) ?? []
}

function toStored(message: Message): StoredRecord {
  return {
    topic: message.topic,
    partition: message.partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    key: toBytes(message.key),
    value: toBytes(message.value),
    headers: message.headerEntries.map(([key, value]) => ({ key: key.toString(), value: toBytes(value) })),
  }
}

/** Plain bytes: to a test a Buffer would not equal what it sent. */
function toBytes(bytes: Buffer | null | undefined): Uint8Array | null {
  return bytes === null || bytes === undefined ? null : new Uint8Array(bytes)
}

function toBuffer(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes)
}

function messages(cause: unknown): string {
  if (cause instanceof AggregateError) return [cause.message, ...cause.errors.map(messages)].join('; ')
  return cause instanceof Error ? cause.message : String(cause)
}
