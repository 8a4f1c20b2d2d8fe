import type { MemoryTopics } from '@statefun/engine'
import type { Channel } from './channel.ts'

const decoder = new TextDecoder()

/** A {@link Channel} of topics in this process. */
export function memoryChannel(topics: MemoryTopics): Channel {
  const ends = new Set<() => void>()
  return {
    async send(records) {
      for (const { topic, key, value } of records) topics.produce(topic, { key, value })
    },
    async receive(topic, listener) {
      const end = topics.tail(topic, 'earliest', ({ partition, offset, key, value }) =>
        listener({
          topic,
          partition,
          offset,
          key: decoder.decode(key ?? undefined),
          value: value ?? new Uint8Array(),
        }),
      )
      ends.add(end)
      return async () => {
        ends.delete(end)
        end()
      }
    },
    async [Symbol.asyncDispose]() {
      for (const end of ends) end()
    },
  }
}
