import { randomUUID } from 'node:crypto'
import { Consumer, compatibilityPartitioner, type Message, Producer } from '@platformatic/kafka'
import { type NewRecordJson, type RecordJson, recordToJson } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { bytesOf } from './output/show-record.ts'

const TIMEOUTS = { connectTimeout: 5_000, retries: 1, timeout: 15_000 }

/**
 * Writes one record to Kafka, to the partition that Java's producer would choose.
 *
 * @throws StatefunError `SF_CLI_UNREACHABLE`, `SF_CLI_KAFKA`
 */
export async function sendToKafka(
  bootstrap: string,
  topic: string,
  record: NewRecordJson,
): Promise<{ topic: string; partition: number; offset: string }> {
  const producer = new Producer({ ...client(bootstrap), autocreateTopics: true })
  try {
    const key = toBuffer(bytesOf(record.key, record.keyBase64))
    const value = toBuffer(bytesOf(record.value, record.valueBase64))
    // A map with a Buffer as key may hold a name twice; a header's value may be null on the wire, which the types leave out.
    const headers = new Map(
      (record.headers ?? []).map((header) => [
        Buffer.from(header.key),
        toBuffer(bytesOf(header.value, header.valueBase64)) as Buffer,
      ]),
    )
    const { offsets } = await producer.send({
      messages: [
        { topic, headers, ...(key === undefined ? {} : { key }), ...(value === undefined ? {} : { value }) },
      ],
      acks: -1,
      ...(key === undefined ? {} : { partitioner: compatibilityPartitioner }),
    })
    const stored = offsets?.[0]
    return { topic, partition: stored?.partition ?? 0, offset: String(stored?.offset ?? '') }
  } catch (cause) {
    throw kafkaError(bootstrap, cause)
  } finally {
    await producer.close()
  }
}

/**
 * Reads a Kafka topic, without leaving a consumer group behind.
 *
 * @throws StatefunError `SF_CLI_UNREACHABLE`, `SF_CLI_KAFKA`
 */
export async function* tailKafka(
  bootstrap: string,
  topic: string,
  options: { readonly from: string; readonly limit?: number; readonly follow: boolean },
  signal: AbortSignal,
): AsyncGenerator<RecordJson> {
  const consumer = new Consumer({ ...client(bootstrap), groupId: `statefun-tail-${randomUUID()}` })
  try {
    const [ends, starts] = await Promise.all(
      [-1n, -2n].map(
        async (timestamp) => (await consumer.listOffsets({ topics: [topic], timestamp })).get(topic) ?? [],
      ),
    )
    const next = ends!.map((end, partition) =>
      options.from === 'earliest'
        ? starts![partition]!
        : options.from === 'latest'
          ? end
          : BigInt(options.from),
    )
    const finished = () => !options.follow && next.every((offset, partition) => offset >= ends![partition]!)
    let left = options.limit ?? Number.POSITIVE_INFINITY
    if (finished()) return
    const stream = await consumer.consume({
      topics: [topic],
      autocommit: false,
      mode: 'manual',
      offsets: next.map((offset, partition) => ({ topic, partition, offset })),
      maxWaitTime: 200,
    })
    const abort = () => void stream.close().catch(() => undefined)
    signal.addEventListener('abort', abort, { once: true })
    try {
      for await (const message of stream) {
        yield toRecordJson(message)
        next[message.partition] = message.offset + 1n
        if (--left === 0 || finished()) return
      }
    } finally {
      signal.removeEventListener('abort', abort)
      await stream.close()
    }
  } catch (cause) {
    throw kafkaError(bootstrap, cause)
  } finally {
    await consumer.close(true)
  }
}

function client(bootstrap: string) {
  return {
    clientId: 'statefun-cli',
    bootstrapBrokers: bootstrap.split(',').map((broker) => broker.trim()),
    ...TIMEOUTS,
  }
}

function toRecordJson(message: Message): RecordJson {
  return recordToJson({
    topic: message.topic,
    partition: message.partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key ?? null,
    value: message.value ?? null,
    headers: message.headerEntries.map(([key, value]) => ({ key: key.toString(), value: value ?? null })),
  })
}

function toBuffer(bytes: Uint8Array | null): Buffer | undefined {
  return bytes === null ? undefined : Buffer.from(bytes)
}

function kafkaError(bootstrap: string, cause: unknown): StatefunError {
  if (cause instanceof StatefunError) return cause
  const text = describe(cause)
  return /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|[Cc]onnection/.test(text)
    ? new StatefunError('SF_CLI_UNREACHABLE', `no Kafka broker answers at ${bootstrap}`, {
        hint: 'check host and port of --kafka',
        cause,
      })
    : new StatefunError('SF_CLI_KAFKA', text, { where: bootstrap, cause })
}

function describe(cause: unknown): string {
  if (cause instanceof AggregateError) return [cause.message, ...cause.errors.map(describe)].join('; ')
  return cause instanceof Error ? cause.message : String(cause)
}
