import { randomUUID } from 'node:crypto'
import type { ConnectorContext, KafkaEgressDefinition, TransactionalSink } from '@statefun/engine'
import { kafkaRecordValue } from '@statefun/protocol'
import { afterEach, describe, expect, inject, it } from 'vitest'
import {
  ingress,
  newContext,
  newSource,
  newTopic,
  newTransactionalSink,
  RecordedSinkListener,
  Taker,
} from '../test/kit.ts'

const bootstrap = inject('kafkaBootstrap')
const stops: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

const context = (app: string = randomUUID()) => ({ ...newContext(), app })
const publisher = () => ({ lineage: 'lineage', owner: randomUUID() })

function sinkOf(in_: ConnectorContext, changes: Partial<KafkaEgressDefinition> = {}): TransactionalSink {
  const sink = newTransactionalSink(bootstrap, changes, in_)
  stops.push(() => sink.stop())
  return sink
}

async function reading(topics: readonly string[]): Promise<Taker> {
  const source = newSource(
    ingress(bootstrap, topics, { properties: [['isolation.level', 'read_committed']] }),
  )
  const taker = new Taker()
  stops.push(() => source.stop())
  await source.start(taker, new Map())
  return taker
}

function record(topic: string, key: string | undefined, value: string): Uint8Array {
  return kafkaRecordValue({ topic, key, value: Buffer.from(value), headers: [] }).value
}

describe('exactly-once egress', () => {
  it('publishes epochs, empty ones included, and its successor finds the last', async () => {
    const topic = await newTopic(bootstrap, 3)
    const where = context()
    const me = publisher()
    const sink = sinkOf(where)
    expect(await sink.open(me, new RecordedSinkListener())).toBeUndefined()
    await sink.publish(0, [])
    await sink.publish(1, [record(topic, 'a', '1'), record(topic, 'b', '1')])
    await sink.publish(2, [])
    await sink.publish(3, [record(topic, 'a', '2'), record(topic, 'k', '1')])
    await sink.stop()
    const next = sinkOf(where)
    expect(await next.open(publisher(), new RecordedSinkListener())).toEqual({ ...me, epoch: 3 })
    await next.publish(4, [record(topic, 'a', '3')])
    const taker = await reading([topic])
    await taker.count(5)
    expect(taker.taken.filter(({ id }) => id === 'a').map(({ value }) => value)).toEqual(['1', '2', '3'])
    expect(taker.taken).toHaveLength(5)
    expect(where.logger.lines).toEqual([])
  })
})
