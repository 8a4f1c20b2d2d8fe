import { MemoryTopics } from '@statefun/engine'
import { describe, expect, it } from 'vitest'
import type { TopicAccess } from '../test/kafka/topic-access.ts'
import { channelCases } from './channel.cases.ts'
import { memoryChannel } from './memory-channel.ts'
import { topicsChannel } from './topics-channel.ts'

/** The topics of this process in the form of those that tests reach over the control server. */
function accessTo(topics: MemoryTopics): TopicAccess {
  return {
    async write(topic, records) {
      return records.map((record) => topics.produce(topic, record))
    },
    async *follow(topic, _from, signal) {
      const cursor = topics.cursor(topic, 'earliest')
      while (!signal.aborted) {
        const record = cursor.next()
        if (record !== undefined) yield record
        else await new Promise((resolve) => setImmediate(resolve))
      }
    },
    async ends() {
      return []
    },
    async [Symbol.asyncDispose]() {},
  }
}

let made = 0
const topic = () => `topic-${made++}`

describe('a channel of in-process topics', () => {
  channelCases(async () => memoryChannel(new MemoryTopics({ partitions: 2 })), topic)
})

describe('a channel of the topics that tests use', () => {
  channelCases(async () => topicsChannel(accessTo(new MemoryTopics({ partitions: 2 }))), topic)

  it('says with the next record that reading has failed', async () => {
    const broken: TopicAccess = {
      ...accessTo(new MemoryTopics()),
      // biome-ignore lint/correctness/useYield: it fails before there is anything.
      async *follow() {
        throw new Error('the topics are gone')
      },
    }
    await using channel = topicsChannel(broken)
    await channel.receive('any', () => undefined)
    await expect
      .poll(() => channel.send([]).catch((error: Error) => error.message))
      .toBe('the topics are gone')
  })
})
