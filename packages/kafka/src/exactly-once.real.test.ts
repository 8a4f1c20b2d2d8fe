import { randomUUID } from 'node:crypto'
import { deleteGroupsV2, findCoordinatorV4, offsetCommitV8 } from '@platformatic/kafka'
import type { ConnectorContext, KafkaEgressDefinition, TransactionalSink } from '@statefun/engine'
import { kafkaRecordValue } from '@statefun/protocol'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { again } from '../test/again.ts'
import {
  API,
  addPartitions,
  ingress,
  newContext,
  newSource,
  newTopic,
  newTransactionalSink,
  RecordedSinkListener,
  type RequestFault,
  RequestFaults,
  Taker,
  type TestContext,
  withBroker,
} from '../test/kit.ts'

const bootstrap = inject('kafkaBootstrap')
const stops: (() => unknown)[] = []

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

/** A context with an app name of its own. */
const newApp = (): TestContext => ({ ...newContext(), app: `app-${randomUUID()}` })
const newPublisher = () => ({ lineage: 'lineage', owner: randomUUID() })

function sinkOf(context: ConnectorContext, changes: Partial<KafkaEgressDefinition> = {}): TransactionalSink {
  const sink = newTransactionalSink(bootstrap, changes, context)
  stops.push(() => sink.stop())
  return sink
}

async function opened(
  context: ConnectorContext = newApp(),
  changes: Partial<KafkaEgressDefinition> = {},
): Promise<TransactionalSink> {
  const sink = sinkOf(context, changes)
  await sink.open(newPublisher(), new RecordedSinkListener())
  return sink
}

async function reading(topics: string | readonly string[], context = newContext()): Promise<Taker> {
  const properties = [['isolation.level', 'read_committed']] as const
  const source = newSource(ingress(bootstrap, [topics].flat(), { properties }), context)
  const taker = new Taker()
  stops.push(() => source.stop())
  await source.start(taker, new Map())
  return taker
}

function record(topic: string, key: string | undefined, value: string): Uint8Array {
  return kafkaRecordValue({ topic, key, value: Buffer.from(value), headers: [] }).value
}

const valuesOf = (taker: Taker, key: string) =>
  taker.taken.filter(({ id }) => id === key).map(({ value }) => value)

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`)

describe('exactly-once egress', () => {
  it('publishes epochs, empty ones included, and its successor finds the last one', async () => {
    const topic = await newTopic(bootstrap, 3)
    const app = newApp()
    const publisher = newPublisher()
    const sink = sinkOf(app)
    expect(await sink.open(publisher, new RecordedSinkListener())).toBeUndefined()
    await sink.publish(0, [])
    await sink.publish(1, [record(topic, 'a', '1'), record(topic, 'b', '1')])
    await sink.publish(2, [])
    await sink.publish(3, [record(topic, 'a', '2'), record(topic, 'k', '1')])
    await sink.stop()
    const next = sinkOf(app)
    expect(await next.open(newPublisher(), new RecordedSinkListener())).toEqual({ ...publisher, epoch: 3 })
    await next.publish(4, [record(topic, 'a', '3')])
    const taker = await reading(topic)
    await taker.count(5)
    expect(valuesOf(taker, 'a')).toEqual(['1', '2', '3'])
    expect(taker.taken).toHaveLength(5)
    expect(app.logger.matching('cannot publish: ')).toEqual([])
  })

  it('keeps order per key over many batches, topics, portions and a topic that is not there yet', async () => {
    const topics = [await newTopic(bootstrap, 4), await newTopic(bootstrap), `fresh-${randomUUID()}`]
    const sink = await opened(newApp(), {
      properties: [
        ['batch.size', '20000'],
        ['compression.type', 'lz4'],
      ],
    })
    const keys = 300
    const values: Uint8Array[] = []
    for (let i = 0; i < 30_000; i++) {
      const topic = topics[i % 3]!
      values.push(record(topic, `${topic} ${i % keys}`, `${i} ${'x'.repeat(i % 200)}`))
    }
    for (let epoch = 0; epoch < 3; epoch++) {
      await sink.publish(epoch, values.slice(epoch * 10_000, (epoch + 1) * 10_000))
    }
    const taker = await reading(topics)
    await taker.count(values.length)
    const last = new Map<string, number>()
    for (const { id, value } of taker.taken) {
      const i = Number.parseInt(value, 10)
      expect(i).toBe((last.get(id) ?? Number(id.split(' ')[1]) - keys) + keys)
      last.set(id, i)
    }
    expect(taker.taken).toHaveLength(values.length)
  })

  it('writes to partitions that are added while it runs, and records without key to some partition', async () => {
    const topic = await newTopic(bootstrap)
    const sink = await opened(newApp(), { properties: [['metadata.max.age.ms', '50']] })
    await sink.publish(1, [record(topic, 'k', '0')])
    await addPartitions(bootstrap, topic, 8)
    const probe = Array.from({ length: 200 }, (_, i) => record(topic, `k${i}`, `${i}`))
    const context = newContext()
    const taker = await reading(topic, context)
    let epoch = 2
    await expect
      .poll(async () => {
        await sink.publish(epoch++, probe)
        return new Set(taker.taken.map(({ partition }) => partition)).size
      })
      .toBe(8)
    await sink.publish(epoch, [record(topic, undefined, 'keyless')])
    // An ingress takes no records without key; it names them.
    await expect.poll(() => context.logger.matching('defect [NULL_KEY]')).toHaveLength(1)
    expect(taker.taken).toHaveLength((epoch - 2) * probe.length + 1)
  })

  it('finds no marker when its group was deleted', async () => {
    const app = newApp()
    const group = `${app.app}-epochs:test/egress`
    const first = await opened(app)
    await first.publish(5, [])
    await first.stop()
    await withBroker(bootstrap, async (connection) => {
      await findCoordinatorV4.api.async(connection, 0, [group])
      await deleteGroupsV2.api.async(connection, [group])
    })
    expect(await sinkOf(app).open(newPublisher(), new RecordedSinkListener())).toBeUndefined()
  })

  it('refuses to go on from an offset that somebody else committed for its group', async () => {
    const app = newApp()
    const topic = `${app.app}-epochs`
    const group = `${app.app}-epochs:test/egress`
    await newTopic(bootstrap, 1, {}, topic)
    const partition = {
      partitionIndex: 0,
      committedOffset: 7n,
      committedLeaderEpoch: -1,
      committedMetadata: 'x',
    }
    await withBroker(bootstrap, (connection) =>
      again(() =>
        offsetCommitV8.api.async(connection, group, -1, '', null, [{ name: topic, partitions: [partition] }]),
      ),
    )
    await expect(opened(app)).rejects.toMatchObject({
      code: 'SF_KAFKA_MARKER_FOREIGN',
      message: expect.stringContaining(group),
    })
  })

  it('refuses a record that the topic does not take, with its place, and goes on after a new start', async () => {
    const topic = await newTopic(bootstrap, 1, { 'max.message.bytes': '1000' })
    const app = newApp()
    const sink = await opened(app)
    const large = kafkaRecordValue({ topic, key: 'k', value: Buffer.alloc(2000), headers: [] })
    sink.check(large)
    await expect(sink.publish(1, [record(topic, 'k', 'before'), large.value])).rejects.toMatchObject({
      code: 'SF_KAFKA_RECORD_TOO_LARGE',
      where: `topic [${topic}], partition [0]`,
    })
    await sink.stop()
    const next = await opened(app)
    // More than one batch may hold: divided until the topic takes the parts.
    await next.publish(
      1,
      numbers(0, 200).map((value) => record(topic, 'k', value)),
    )
    const taker = await reading(topic)
    await taker.count(200)
    expect(taker.values()).toEqual(numbers(0, 200))
  })

  it('serves two egresses of one app side by side', async () => {
    const topic = await newTopic(bootstrap)
    const app = newApp()
    const [one, two] = await Promise.all([opened(app), opened(app, { id: 'test/other' })])
    for (let epoch = 0; epoch < 20; epoch++) {
      await Promise.all([
        one.publish(epoch, [record(topic, 'one', `${epoch}`)]),
        two.publish(epoch, [record(topic, 'two', `${epoch}`)]),
      ])
    }
    const taker = await reading(topic)
    await taker.count(40)
    expect(valuesOf(taker, 'one')).toEqual(numbers(0, 20))
    expect(valuesOf(taker, 'two')).toEqual(numbers(0, 20))
  })

  it('can be stopped while it publishes', async () => {
    const faults = new RequestFaults(bootstrap)
    stops.push(() => faults.stop())
    const sink = await opened()
    faults.arm(API.endTxn, 60_000)
    const publishing = expect(sink.publish(1, [])).rejects.toMatchObject({ code: 'SF_KAFKA_STOPPED' })
    await expect.poll(() => faults.happened).toBe(1)
    await sink.stop()
    await publishing
  })
})

describe('a connection that breaks', () => {
  const steps = Object.entries(API)
  const kinds: readonly RequestFault[] = ['unsent', 'unanswered']
  it.each(steps.flatMap(([step, apiKey]) => kinds.map((fault) => [step, fault, apiKey] as const)))(
    'at %s, %s: nothing is lost, doubled or out of order',
    async (_step, fault, apiKey) => {
      const topic = await newTopic(bootstrap, 2)
      const faults = new RequestFaults(bootstrap)
      stops.push(() => faults.stop())
      const app = newApp()
      const sink = await opened(app)
      const taker = await reading(topic)
      const keys = ['a', 'b', 'c', 'd']
      const publish = (epoch: number) =>
        sink.publish(
          epoch,
          keys.map((key) => record(topic, key, `${epoch}`)),
        )
      await publish(0)
      const ofRecovery: readonly number[] = [API.offsetFetch, API.findCoordinator, API.initProducerId]
      if (ofRecovery.includes(apiKey)) faults.arm(API.endTxn, 'unanswered')
      faults.arm(apiKey, fault)
      for (let epoch = 1; epoch < 5; epoch++) await publish(epoch)
      expect(faults.happened).toBe(ofRecovery.includes(apiKey) ? 2 : 1)
      await taker.count(20)
      for (const key of keys) expect(valuesOf(taker, key)).toEqual(numbers(0, 5))
      expect(taker.taken).toHaveLength(20)
      const begun = app.logger.matching('warn egress test/egress cannot publish').length
      expect(begun).toBeGreaterThan(0)
      expect(app.logger.matching('info egress test/egress publishes again after ')).toHaveLength(begun)
    },
  )
})

describe('a second engine with the same app name', () => {
  it('takes over, and the first one says so', async () => {
    const topic = await newTopic(bootstrap)
    const app = newApp()
    const first = sinkOf(app)
    const older = newPublisher()
    await first.open(older, new RecordedSinkListener())
    await first.publish(1, [record(topic, 'first', '1')])
    const second = sinkOf(app)
    const newer = { lineage: 'another', owner: randomUUID() }
    expect(await second.open(newer, new RecordedSinkListener())).toEqual({ ...older, epoch: 1 })
    const refused = expect(first.publish(2, [record(topic, 'first', '2')])).rejects.toMatchObject({
      code: 'SF_ENGINE_FENCED',
      message: expect.stringContaining(newer.owner),
      hint: expect.stringContaining('app name'),
    })
    await second.publish(1, [record(topic, 'second', '1')])
    await refused
    await second.publish(2, [record(topic, 'second', '2')])
    const taker = await reading(topic)
    await taker.count(3)
    expect(taker.values()).toEqual(['1', '1', '2'])
  })

  it('started in the middle of a stream, whichever request it meets: exactly the newer one survives', async () => {
    for (let round = 0; round < 4; round++) {
      const topic = await newTopic(bootstrap)
      const app = newApp()
      const stream = async (sink: TransactionalSink, name: string, to: number) => {
        for (let epoch = 1; epoch <= to; epoch++) await sink.publish(epoch, [record(topic, name, `${epoch}`)])
      }
      const first = await opened(app)
      const older = stream(first, 'older', 100_000).catch((error: unknown) => error)
      await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 50))
      const second = await opened(app)
      await stream(second, 'newer', 20)
      expect(await older).toMatchObject({ code: 'SF_ENGINE_FENCED' })
      await stream(second, 'newest', 5)
      const taker = await reading(topic)
      await taker.until(() => valuesOf(taker, 'newest').length >= 5, 'all records')
      expect(valuesOf(taker, 'newer')).toEqual(numbers(1, 21))
      const last = valuesOf(taker, 'older')
      expect(last).toEqual(numbers(1, last.length + 1))
    }
  })
})
