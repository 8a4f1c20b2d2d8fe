import { partitionForKey } from '@statefun/engine'
import { KafkaRecordView, kafkaRecordValue, readKafkaProducerRecord } from '@statefun/protocol'
import { afterEach, describe, expect, inject, it } from 'vitest'
import {
  addPartitions,
  egress,
  ingress,
  newContext,
  newSink,
  newSource,
  newTopic,
  RecordedSinkListener,
  route,
  Taker,
} from '../test/kit.ts'

const bootstrap = inject('kafkaBootstrap')
const stops: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

async function startSink(...args: Parameters<typeof newSink>) {
  const sink = newSink(...args)
  const listener = new RecordedSinkListener()
  stops.push(() => sink.stop())
  await sink.start(listener)
  return { sink, listener }
}

async function startSource(
  definition: Parameters<typeof newSource>[0],
  positions: ReadonlyMap<string, string> = new Map(),
  context = newContext(),
) {
  const source = newSource(definition, context)
  const taker = new Taker()
  stops.push(() => source.stop())
  await source.start(taker, positions)
  return { source, taker, context }
}

const text = (topic: string, key: string | undefined, value: string) =>
  kafkaRecordValue({ topic, key, value: Buffer.from(value), headers: [] })

describe('Kafka sink and source', () => {
  it('carry keys, values and headers through, null headers and doubles included', async () => {
    const topic = await newTopic(bootstrap)
    const { sink } = await startSink(egress(bootstrap))
    const headers = [
      { key: 'trace', value: Buffer.from('abc') },
      { key: 'trace', value: null },
      { key: '', value: Buffer.alloc(0) },
      { key: 'ключ', value: Buffer.from([0, 255]) },
    ]
    sink.write(kafkaRecordValue({ topic, key: 'ключ 鍵', value: Buffer.from('one'), headers }))
    sink.write(kafkaRecordValue({ topic, key: 'plain', value: Buffer.alloc(0), headers: [] }))
    await sink.flush()
    const { taker } = await startSource(ingress(bootstrap, [route(topic, { forwardHeaders: true })]))
    await taker.count(2)
    expect(taker.taken).toEqual([
      { partition: `${topic}/0`, id: 'ключ 鍵', value: 'one', metadata: headers },
      { partition: `${topic}/0`, id: 'plain', value: '', metadata: [] },
    ])
  })

  it('do not forward headers unless the topic says so', async () => {
    const topic = await newTopic(bootstrap)
    const { sink } = await startSink(egress(bootstrap))
    sink.write(
      kafkaRecordValue({ topic, key: 'k', value: Buffer.from('v'), headers: [{ key: 'h', value: null }] }),
    )
    await sink.flush()
    const { taker } = await startSource(ingress(bootstrap, [topic]))
    await taker.count(1)
    expect(taker.taken[0]!.metadata).toBeUndefined()
  })

  it('read several topics with several partitions, each in order, keys where Java puts them', async () => {
    const one = await newTopic(bootstrap, 3)
    const two = await newTopic(bootstrap, 2)
    const { sink } = await startSink(egress(bootstrap))
    for (let i = 0; i < 3000; i++) {
      sink.write(text(i % 2 === 0 ? one : two, `key-${i % 17}`, `${i}`))
      if (i % 100 === 0) sink.nudge()
    }
    await sink.flush()
    const { taker } = await startSource(ingress(bootstrap, [one, two]))
    await taker.count(3000)
    expect([...taker.partitions.keys()].sort()).toEqual(
      [`${one}/0`, `${one}/1`, `${one}/2`, `${two}/0`, `${two}/1`].sort(),
    )
    const last = new Map<string, number>()
    for (const { partition, id, value } of taker.taken) {
      const [topic, index] = partition.split('/')
      const key = Buffer.from(id)
      expect(Number(index)).toBe(partitionForKey(key, 0, key.length, topic === one ? 3 : 2))
      expect(Number(value)).toBeGreaterThan(last.get(`${topic} ${id}`) ?? -1)
      last.set(`${topic} ${id}`, Number(value))
    }
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('understand %s', async (compression) => {
    const topic = await newTopic(bootstrap)
    const { sink } = await startSink(egress(bootstrap, { properties: [['compression.type', compression]] }))
    for (let i = 0; i < 500; i++) sink.write(text(topic, `k${i}`, `${i} ${'x'.repeat(i)}`))
    await sink.flush()
    const { taker } = await startSource(ingress(bootstrap, [topic]))
    await taker.count(500)
    expect(taker.values()).toEqual(Array.from({ length: 500 }, (_, i) => `${i} ${'x'.repeat(i)}`))
  })

  it.each(['0', '1', 'all'])('deliver with acks=%s', async (acks) => {
    const topic = await newTopic(bootstrap)
    const { sink, listener } = await startSink(egress(bootstrap, { properties: [['acks', acks]] }))
    for (let i = 0; i < 100; i++) sink.write(text(topic, 'k', `${i}`))
    await sink.flush()
    const { taker } = await startSource(ingress(bootstrap, [topic]))
    await taker.count(100)
    expect(taker.values()).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`))
    expect(listener.failures).toEqual([])
  })

  it('write records without key in batches to one partition at a time', async () => {
    const topic = await newTopic(bootstrap, 4)
    const { sink } = await startSink(egress(bootstrap))
    for (let i = 0; i < 50; i++) sink.write(text(topic, undefined, `${i}`))
    await sink.flush()
    const { taker, context } = await startSource(ingress(bootstrap, [topic]))
    await taker.until(() => context.logger.matching('NULL_KEY').length === 50, 'fifty skips')
    const partitions = new Set(context.logger.lines.map((line) => /partition \[(\d)\]/.exec(line)?.[1]))
    expect(partitions.size).toBe(1)
  })

  it('carry a record of nearly a megabyte and refuse a larger one with its coordinates', async () => {
    const topic = await newTopic(bootstrap)
    const { sink } = await startSink(egress(bootstrap))
    const large = 'x'.repeat(1_048_000)
    sink.write(text(topic, 'k', large))
    expect(() => sink.write(text(topic, 'k', `${large}${large}`))).toThrow(
      expect.objectContaining({ code: 'SF_KAFKA_RECORD_TOO_LARGE', where: `topic [${topic}]` }),
    )
    sink.write(text(topic, 'k', 'after'))
    await sink.flush()
    const { taker } = await startSource(
      ingress(bootstrap, [topic], { properties: [['max.partition.fetch.bytes', '1000']] }),
    )
    await taker.count(2)
    expect(taker.values().map((value) => value.length)).toEqual([large.length, 5])
  })

  it('divide a batch that the topic finds too large, and report a single record that is', async () => {
    const topic = await newTopic(bootstrap, 1, { 'max.message.bytes': '2000' })
    const { sink, listener } = await startSink(egress(bootstrap))
    for (let i = 0; i < 100; i++) sink.write(text(topic, `k${i}`, `${i} ${'x'.repeat(200)}`))
    await sink.flush()
    for (let i = 100; i < 200; i++) sink.write(text(topic, `k${i}`, `${i} ${'x'.repeat(200)}`))
    await sink.flush()
    const { taker } = await startSource(ingress(bootstrap, [topic]))
    await taker.count(200)
    expect(taker.taken.map(({ id }) => id)).toEqual(Array.from({ length: 200 }, (_, i) => `k${i}`))
    sink.write(text(topic, 'k', 'x'.repeat(3000)))
    await expect(sink.flush()).rejects.toMatchObject({
      code: 'SF_KAFKA_RECORD_TOO_LARGE',
      where: `topic [${topic}], partition [0]`,
    })
    expect(listener.failures.map(({ code }) => code)).toEqual(['SF_KAFKA_RECORD_TOO_LARGE'])
    expect(() => sink.write(text(topic, 'k', 'x'))).toThrow()
  })

  it('let a topic be created on first use, and refuse names that cannot be', async () => {
    const topic = `auto-${Date.now()}-${Math.floor(Math.random() * 1e6)}`
    const { sink } = await startSink(egress(bootstrap))
    sink.write(text(topic, 'k', 'first'))
    await sink.flush()
    const { taker } = await startSource(ingress(bootstrap, [topic]))
    await taker.count(1)
    const refused = () => sink.write(text('no such/name', 'k', 'v'))
    expect(refused).toThrow(expect.objectContaining({ code: 'SF_KAFKA_TOPIC_INVALID' }))
  })

  it('say when too much is unacknowledged and when it is not any more', async () => {
    const topic = await newTopic(bootstrap)
    const { sink, listener } = await startSink(
      egress(bootstrap, { properties: [['buffer.memory', '100000']] }),
    )
    for (let i = 0; !sink.saturated; i++) sink.write(text(topic, `k${i}`, 'x'.repeat(1000)))
    expect(listener.drains).toBe(0)
    await sink.flush()
    expect(sink.saturated).toBe(false)
    expect(listener.drains).toBe(1)
  })

  it('stop fetching a partition whose records nobody takes, while the others go on', async () => {
    const topic = await newTopic(bootstrap, 2)
    const { sink } = await startSink(egress(bootstrap))
    const value = 'x'.repeat(100_000)
    const view = new KafkaRecordView()
    const keys = ['', ''].map((_, partition) => {
      for (let i = 0; ; i++) {
        const record = text(topic, `k${i}`, 'v')
        readKafkaProducerRecord(record.value, view)
        if (partitionForKey(view.bytes, view.keyStart, view.keyEnd, 2) === partition) return `k${i}`
      }
    })
    for (let i = 0; i < 100; i++) sink.write(text(topic, keys[0]!, value))
    await sink.flush()
    const source = newSource(ingress(bootstrap, [topic]))
    const taker = new Taker()
    taker.held = (partition) => partition.name === `${topic}/0`
    stops.push(() => source.stop())
    await source.start(taker, new Map())
    for (let i = 0; i < 20; i++) {
      sink.write(text(topic, keys[1]!, `${i}`))
      await sink.flush()
      await taker.count(i + 1)
    }
    taker.held = () => false
    taker.take(taker.partitions.get(`${topic}/0`)!)
    await taker.count(120)
  })

  it('pick up new partitions from their beginning, on both sides', async () => {
    const topic = await newTopic(bootstrap, 1)
    const properties = [['metadata.max.age.ms', '200']] as const
    const { sink } = await startSink(egress(bootstrap, { properties }))
    const { taker } = await startSource(
      ingress(bootstrap, [topic], { properties, startupPosition: { type: 'latest' } }),
    )
    sink.write(text(topic, 'a', 'before'))
    await sink.flush()
    await taker.count(1)
    await addPartitions(bootstrap, topic, 4)
    await taker.until(() => taker.partitions.size === 4, 'four partitions')
    const written = new Set<string>()
    for (
      let i = 0;
      !['0', '1', '2', '3'].every((index) =>
        taker.taken.some(({ partition }) => partition.endsWith(`/${index}`)),
      );
      i++
    ) {
      sink.write(text(topic, `k${i}`, `${i}`))
      written.add(`${i}`)
      await sink.flush()
      await taker.count(1 + written.size)
      if (i > 500) throw new Error('new partitions get nothing')
    }
    expect(new Set(taker.values().slice(1))).toEqual(written)
  })
})
