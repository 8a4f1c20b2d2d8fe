import { randomUUID } from 'node:crypto'
import type { Consumer, Message } from '@platformatic/kafka'
import { clientLibrary } from '../kafka/client-library.ts'
import type { Tail } from './tail-record.ts'

/** Topics that are read; a run has a dozen. */
const MOST_TOPICS = 100
/** Nothing more comes: the end of a partition may be a control record, which no reader sees. */
const IDLE_MS = 700
/** A broker that has had no consumer yet first makes the topic of its groups. */
const TIMEOUTS = { connectTimeout: 2_000, retries: 20, retryDelay: 200, timeout: 4_000 }

/**
 * The last records of every topic of a broker, `most` of each partition, also those of transactions that are open or aborted.
 *
 * @param signal ends it: what was read so far is returned
 */
export async function kafkaTails(
  bootstrap: string,
  most: number,
  signal: AbortSignal,
): Promise<readonly Tail[]> {
  const client = { clientId: 'statefun-gate-evidence', bootstrapBrokers: [bootstrap], ...TIMEOUTS }
  const admin = new clientLibrary.Admin(client)
  const consumer = new clientLibrary.Consumer({ ...client, groupId: `statefun-gate-${randomUUID()}` })
  try {
    const topics = (await admin.listTopics()).sort().slice(0, MOST_TOPICS)
    if (topics.length === 0) return []
    const [ends, starts] = await Promise.all([
      consumer.listOffsets({ topics, timestamp: -1n }),
      consumer.listOffsets({ topics, timestamp: -2n }),
    ])
    const spans = topics.flatMap((topic) =>
      (ends.get(topic) ?? []).map((end, partition) => {
        const start = starts.get(topic)?.[partition] ?? 0n
        const offset = end - BigInt(most) > start ? end - BigInt(most) : start
        return { topic, partition, start, end, offset }
      }),
    )
    const messages = await readSpans(consumer, spans, signal)
    return topics.map((topic): Tail => {
      const ofTopic = spans.filter((span) => span.topic === topic)
      return {
        name: `topic ${topic}`,
        total: ofTopic.reduce((sum, { start, end }) => sum + Number(end - start), 0),
        records: messages
          .filter((message) => message.topic === topic)
          .sort((a, b) => Number(a.timestamp - b.timestamp) || Number(a.offset - b.offset))
          .map((message) => ({
            partition: String(message.partition),
            offset: String(message.offset),
            timestamp: Number(message.timestamp),
            key: message.key ?? null,
            value: message.value ?? null,
            headers: message.headerEntries.map(([key, value]) => ({
              key: key.toString(),
              value: value ?? null,
            })),
          })),
      }
    })
  } finally {
    await Promise.allSettled([admin.close(), consumer.close(true)])
  }
}

interface Span {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly end: bigint
}

async function readSpans(
  consumer: Consumer,
  spans: readonly Span[],
  signal: AbortSignal,
): Promise<readonly Message[]> {
  const waiting = new Map(
    spans.filter(({ offset, end }) => end > offset).map((span) => [`${span.topic}/${span.partition}`, span]),
  )
  if (waiting.size === 0 || signal.aborted) return []
  const asked = [...waiting.values()]
  const stream = await consumer.consume({
    topics: [...new Set(asked.map(({ topic }) => topic))],
    autocommit: false,
    mode: 'manual',
    // The library wants an offset for every partition of a topic, also for those with nothing to read.
    offsets: spans
      .filter(({ topic }) => asked.some((span) => span.topic === topic))
      .map(({ topic, partition, offset }) => ({ topic, partition, offset })),
    maxWaitTime: 100,
    isolationLevel: clientLibrary.FetchIsolationLevels.READ_UNCOMMITTED,
  })
  const messages: Message[] = []
  await new Promise<void>((resolve) => {
    let idle = setTimeout(resolve, IDLE_MS)
    signal.addEventListener('abort', () => resolve(), { once: true })
    stream.on('error', () => resolve())
    stream.on('data', (message: Message) => {
      clearTimeout(idle)
      idle = setTimeout(resolve, IDLE_MS)
      messages.push(message)
      const key = `${message.topic}/${message.partition}`
      const span = waiting.get(key)
      if (span !== undefined && message.offset + 1n >= span.end) waiting.delete(key)
      if (waiting.size === 0) {
        clearTimeout(idle)
        resolve()
      }
    })
  })
  await stream.close()
  return messages
}
