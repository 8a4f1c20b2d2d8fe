import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Admin } from '@platformatic/kafka'
import { partitionForKey } from '@statefun/engine'
import { startKafka } from '@statefun/gate'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { testFunctions } from './kit/functions.ts'
import { Room } from './kit/room.ts'
import { checkTotals, spread } from './kit/totals.ts'

let room: Room
beforeEach(async () => {
  room = await Room.open(inject('kafkaBootstrap'))
})
afterEach(() => room.close())

/** The first keys that go to a partition of a topic with two. */
function keysOf(partition: number, count: number): string[] {
  const keys = Array.from({ length: 100 }, (_, i) => `k${i}`)
  const chosen = keys.filter((key) => partitionForKey(Buffer.from(key), 0, key.length, 2) === partition)
  return chosen.slice(0, count)
}

describe('an engine on Kafka', () => {
  test('carries headers in and out: order, doubles, empty and null values', async () => {
    const [commands, results] = await Promise.all([room.topic(), room.topic()])
    const [writer, reader] = await Promise.all([room.writer(), room.reader(results)])
    const module = room.moduleText({ topics: { [commands]: ['echo'] }, ingress: ['forwardHeaders: true'] })
    await room.engine(module, testFunctions(results))
    const headers = [
      { key: 'trace', value: Buffer.from('abc') },
      { key: 'trace', value: null },
      { key: 'empty', value: Buffer.alloc(0) },
      { key: '', value: Buffer.from([0, 255]) },
    ]
    await writer.send([
      { topic: commands, key: 'a', value: 'one', headers },
      { topic: commands, key: 'b', value: '' },
    ])
    await reader.until(() => reader.records.length === 2, 'two records')
    expect(reader.records.map(({ id, value, metadata }) => ({ id, value, metadata }))).toEqual([
      { id: 'a', value: 'one', metadata: headers },
      { id: 'b', value: '', metadata: [] },
    ])
  })

  test('feeds one function from two ingresses, and two functions from one topic', async () => {
    const [first, second, both, results] = await Promise.all([
      room.topic(2),
      room.topic(),
      room.topic(),
      room.topic(),
    ])
    const [writer, reader] = await Promise.all([room.writer(), room.reader(results)])
    const module = `${room.moduleText({ topics: { [first]: ['counter'], [both]: ['counter', 'relay'] } })}---
kind: io.statefun.kafka.v1/ingress
spec:
  id: test/other
  address: ${room.bootstrap}
  consumerGroupId: other
  startupPosition: { type: earliest }
  topics: [{ topic: ${second}, valueType: test/text, targets: [test/counter] }]
`
    await room.engine(module, testFunctions(results))
    await writer.send([first, second, both].map((topic) => ({ topic, key: 'a', value: 'x' })))
    await reader.until(() => reader.records.length === 4, 'four totals')
    await sleep(50)
    expect(reader.values('a')).toEqual(['1', '2', '3'])
    expect(reader.values('a-relayed')).toEqual(['1'])
  })

  test('commits offsets to the consumer group, never beyond what is durable', async () => {
    const [commands, results] = await Promise.all([room.topic(2), room.topic()])
    const [writer, reader] = await Promise.all([room.writer(), room.reader(results)])
    const group = `g-${randomUUID()}`
    const module = room.moduleText({ topics: { [commands]: ['counter'] }, group })
    const engine = await room.engine(module, testFunctions(results), {
      checkpoint: { dir: room.checkpoints, intervalMs: 600_000 },
    })
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [room.bootstrap] })
    const committed = async () => {
      const groups = await admin.listConsumerGroupOffsets({ groups: [group] })
      const partitions = groups[0]?.topics.flatMap(({ partitions }) => partitions) ?? []
      return partitions.map(({ committedOffset }) => Number(committedOffset)).sort((a, b) => a - b)
    }
    try {
      const [even, odd] = [keysOf(0, 1)[0]!, keysOf(1, 1)[0]!]
      await writer.send([even, odd, odd, odd].map((key) => ({ topic: commands, key, value: 'x' })))
      await reader.until(() => reader.records.length === 4, 'four totals')
      expect(await committed()).toEqual([])
      await engine.checkpoint()
      await expect.poll(committed, { timeout: 10_000 }).toEqual([1, 3])
    } finally {
      await admin.close()
    }
  })

  test('holds back only the partition that feeds an address whose mailbox is full', async () => {
    const [commands, results] = await Promise.all([room.topic(2), room.topic()])
    const [writer, reader] = await Promise.all([room.writer(), room.reader(results)])
    const [hot, mate] = keysOf(0, 2) as [string, string]
    const [cold] = keysOf(1, 1) as [string]
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const functions = testFunctions(results, { before: (text) => (text === 'slow' ? gate : undefined) })
    const module = room.moduleText({
      topics: { [commands]: ['counter'] },
      endpoint: ['maxNumBatchRequests: 5'],
    })
    const engine = await room.engine(module, functions)
    const send = (key: string, ...values: string[]) =>
      writer.send(values.map((value) => ({ topic: commands, key, value })))
    await send(hot, 'slow', ...Array.from({ length: 50 }, String))
    await expect.poll(() => engine.metrics.render()).toContain('functions_test_counter_numBlockedAddress 1')
    await send(mate, 'x')
    await send(cold, ...Array.from({ length: 20 }, String))
    await reader.until(() => reader.values(cold).length === 20, 'the records of the other partition')
    await sleep(50)
    expect(reader.values(mate)).toEqual([])
    expect(reader.values(hot)).toEqual([])
    expect(await engine.metrics.render()).toMatch(/functions_test_counter_numBacklog 5$/m)
    release()
    await reader.until(() => reader.values(mate).length === 1, 'the record behind the full mailbox')
    await reader.until(() => reader.values(hot).length === 51, 'all of the slow key')
    expect(await engine.metrics.render()).toContain('functions_test_counter_numBlockedAddress 0')
  })
})

describe('a stop', () => {
  test('while a stream runs repeats nothing after the next start', async () => {
    const [commands, results] = await Promise.all([room.topic(3), room.topic(2)])
    const [writer, reader] = await Promise.all([room.writer(), room.reader(results)])
    const module = room.moduleText({ topics: { [commands]: ['counter'] } })
    const checkpoint = { dir: room.checkpoints, intervalMs: 600_000 }
    const { order, counts } = spread(8_000, 100)
    // Some calls are always under way: every seventh message takes a moment.
    const before = (text: string) => (Number(text) % 7 === 0 ? sleep(3) : undefined)
    let over = false
    const streaming = (async () => {
      for (let at = 0; at < order.length; at += 100) {
        await writer.send(
          order.slice(at, at + 100).map((key, i) => ({ topic: commands, key, value: String(at + i) })),
        )
        await sleep(5)
      }
      over = true
    })()
    let stops = 0
    while (!over) {
      const engine = await room.engine(module, testFunctions(results, { before }), { checkpoint })
      await sleep(250)
      await engine.stop()
      stops++
    }
    await streaming
    await room.engine(module, testFunctions(results), { checkpoint })
    await reader.until(() => reader.records.length >= order.length, 'all totals')
    await sleep(100)
    expect(stops).toBeGreaterThan(1)
    expect(reader.records).toHaveLength(order.length)
    checkTotals(reader.byKey(), counts, 0)
  })
})

describe('a broker that is killed and comes back', () => {
  test('while a stream runs costs neither a record nor the job', async () => {
    await using kafka = await startKafka()
    const outage = await Room.open(kafka.bootstrap)
    try {
      const [commands, results] = await Promise.all([outage.topic(2), outage.topic()])
      const [writer, reader] = await Promise.all([outage.writer(), outage.reader(results)])
      const module = outage.moduleText({ topics: { [commands]: ['counter'] } })
      const engine = await outage.engine(module, testFunctions(results))
      const { order, counts } = spread(6_000, 60)
      const streaming = (async () => {
        for (let at = 0; at < order.length; at += 100) {
          await writer.send(order.slice(at, at + 100).map((key) => ({ topic: commands, key, value: 'x' })))
          await sleep(10)
        }
      })()
      await reader.until(() => reader.records.length > 500, 'the first totals')
      await kafka.kill()
      await sleep(300)
      await kafka.restart()
      await streaming
      await reader.until(() => reader.records.length >= order.length, 'all totals', 40_000)
      checkTotals(reader.byKey(), counts, 1 + engine.restarts)
      expect(engine.ready).toBe(true)
      expect(engine.restarts).toBe(0)
    } finally {
      await outage.close()
    }
  })
})
