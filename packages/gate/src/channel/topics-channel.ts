import type { StoredRecord } from '../test/kafka/kafka-record.ts'
import type { TopicAccess } from '../test/kafka/topic-access.ts'
import type { Channel, IncomingRecord, OutgoingRecord } from './channel.ts'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const encoder = new TextEncoder()

/** Milliseconds that a write may take. */
const WRITE_MS = 30_000

/** A {@link Channel} of the topics that a test's `kafka` uses. */
export function topicsChannel(topics: TopicAccess): Channel {
  const over = new AbortController()
  const readings = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | undefined
  return {
    async send(records) {
      if (failure !== undefined) throw failure.error
      for (const [topic, ofTopic] of Map.groupBy(records, (record) => record.topic)) {
        await topics.write(topic, ofTopic.map(toWrite), AbortSignal.timeout(WRITE_MS))
      }
    },
    async receive(topic, listener) {
      const end = new AbortController()
      const signal = AbortSignal.any([end.signal, over.signal])
      const read = async () => {
        for await (const record of topics.follow(topic, undefined, signal)) listener(incoming(record))
      }
      const reading = read().catch((error: unknown) => {
        failure ??= { error }
      })
      readings.add(reading)
      return async () => {
        end.abort()
        await reading
        readings.delete(reading)
      }
    },
    async [Symbol.asyncDispose]() {
      over.abort()
      await Promise.all(readings)
      await topics[Symbol.asyncDispose]()
    },
  }
}

function toWrite({ key, value }: OutgoingRecord) {
  return { key: encoder.encode(key), value, headers: [] }
}

function incoming({ topic, partition, offset, key, value }: StoredRecord): IncomingRecord {
  return {
    topic,
    partition,
    offset,
    key: key === null ? '' : decoder.decode(key),
    value: value ?? new Uint8Array(),
  }
}
