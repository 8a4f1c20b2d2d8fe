import type { Connection, Writer } from '@platformatic/kafka'
import { silentLogger } from '@statefun/engine'
import { afterEach, expect, it } from 'vitest'
import { ingress } from '../../test/definitions.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { KafkaPartition } from '../kafka-partition.ts'
import { readConsumerProperties } from '../properties/consumer-properties.ts'
import type { FetchedPartition } from './fetch-call.ts'
import { FetchLoop } from './fetch-loop.ts'

const NOT_THERE = 3
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

const partitionOf = (topic: string) =>
  ({
    name: `${topic}/0`,
    topic,
    index: 0,
    fetchOffset: 0,
    leaderEpoch: 0,
    hasRoom: true,
    buffered: 0,
  }) as KafkaPartition

/** A loop that waits a minute after a failure; whenever something fails, it is woken as after fresh metadata. */
function setUp(topics: readonly string[], connect: () => Promise<Connection>) {
  const partitions = topics.map(partitionOf)
  const backoff = [
    ['retry.backoff.ms', '60000'],
    ['retry.backoff.max.ms', '60000'],
  ] as const
  const settings = readConsumerProperties(
    ingress('kafka:1', topics, { properties: backoff }),
    'test',
    silentLogger,
  )
  const received: string[] = []
  const loop: FetchLoop = new FetchLoop(
    1,
    { connection: connect } as unknown as Cluster,
    settings,
    {
      bufferedBytes: () => 0,
      partitionsOf: () => partitions,
      received(partition, { errorCode }) {
        received.push(`${partition.topic} ${errorCode}`)
        if (errorCode !== 0) setImmediate(() => loop.wake())
      },
      lost: () => void setImmediate(() => loop.wake()),
      failed() {},
    },
    silentLogger,
  )
  loop.start()
  stops.push(() => loop.stop())
  return received
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
}

it('a broker that is away is not asked more often because metadata arrive', async () => {
  let connections = 0
  setUp(['a'], () => {
    connections++
    return Promise.reject(new Error('away'))
  })
  await turns(50)
  expect(connections).toBe(1)
})

it('a partition that is refused waits; others of its broker go on', async () => {
  const send: Connection['send'] = (_key, _version, payload, _parse, _tags, _moreTags, callback) => {
    const text = (payload() as Writer).buffer.toString('latin1')
    const answers = ['good', 'gone']
      .filter((topic) => text.includes(topic))
      .map((topic) => ({ topic, index: 0, errorCode: topic === 'gone' ? NOT_THERE : 0 }) as FetchedPartition)
    setImmediate(() => callback(null, { errorCode: 0, partitions: answers } as never))
  }
  const received = setUp(['good', 'gone'], async () => ({ send }) as Connection)
  await turns(50)
  expect(received.filter((each) => each === `gone ${NOT_THERE}`)).toHaveLength(1)
  expect(received.filter((each) => each === 'good 0').length).toBeGreaterThan(5)
})
