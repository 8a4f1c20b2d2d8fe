import { randomUUID } from 'node:crypto'
import type { KafkaEgressDefinition, TransactionalSink } from '@statefun/engine'
import { type KafkaBroker, startKafka } from '@statefun/gate'
import { kafkaRecordValue } from '@statefun/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import {
  API,
  ingress,
  newContext,
  newSource,
  newTopic,
  newTransactionalSink,
  RecordedSinkListener,
  RequestFaults,
  Taker,
  type TestContext,
} from '../test/kit.ts'

const MAX_TIMEOUT_MS = 5000
let kafka: KafkaBroker
const stops: (() => unknown)[] = []

beforeAll(async () => {
  kafka = await startKafka({
    config: {
      'transaction.max.timeout.ms': MAX_TIMEOUT_MS,
      'transaction.abort.timed.out.transaction.cleanup.interval.ms': 100,
    },
  })
})

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

afterAll(async () => {
  await kafka.stop()
})

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const exactlyOnce = (transactionTimeoutMs: number) => ({
  deliverySemantic: { type: 'exactly-once', transactionTimeoutMs } as const,
})

async function opened(
  changes: Partial<KafkaEgressDefinition>,
  bootstrap = kafka.bootstrap,
): Promise<{ readonly sink: TransactionalSink; readonly context: TestContext }> {
  const context = { ...newContext(), app: `app-${randomUUID()}` }
  const sink = newTransactionalSink(bootstrap, changes, context)
  stops.push(() => sink.stop())
  await sink.open({ lineage: 'lineage', owner: randomUUID() }, new RecordedSinkListener())
  return { sink, context }
}

async function reading(topic: string, bootstrap = kafka.bootstrap): Promise<Taker> {
  const source = newSource(
    ingress(bootstrap, [topic], { properties: [['isolation.level', 'read_committed']] }),
  )
  const taker = new Taker()
  stops.push(() => source.stop())
  await source.start(taker, new Map())
  return taker
}

const KEYS = ['a', 'b', 'c', 'd', 'e']

/** One record of every key, all with the number of the epoch. */
const epochOf = (topic: string, epoch: number) =>
  KEYS.map((key) => kafkaRecordValue({ topic, key, value: Buffer.from(`${epoch}`), headers: [] }).value)

/** Checks that every key has the numbers of all epochs, each once and in order. */
async function expectEpochs(taker: Taker, epochs: number): Promise<void> {
  await taker.count(epochs * KEYS.length)
  for (const key of KEYS) {
    const values = taker.taken.filter(({ id }) => id === key).map(({ value }) => Number(value))
    expect(values).toEqual(Array.from({ length: epochs }, (_, epoch) => epoch))
  }
}

describe('an exactly-once egress', () => {
  it.each([
    ['is killed and comes back', () => kafka.kill().then(() => kafka.restart())],
    ['restarts in an orderly way', () => kafka.restart()],
    [
      'is away for longer than the transaction timeout',
      async () => {
        await kafka.kill()
        await sleep(2500)
        await kafka.restart()
      },
    ],
    [
      'stands still for longer than requests may take and the transaction timeout',
      async () => {
        kafka.pause()
        await sleep(2500)
        kafka.resume()
      },
    ],
  ])('loses and doubles nothing when the broker %s', async (_what, outage) => {
    const topic = await newTopic(kafka.bootstrap, 2)
    const { sink, context } = await opened({
      ...exactlyOnce(1500),
      properties: [['request.timeout.ms', '1000']],
    })
    const taker = await reading(topic)
    let over = false
    let epoch = 0
    const publishing = (async () => {
      while (!over) await sink.publish(epoch, epochOf(topic, epoch++))
    })()
    await taker.count(100)
    await outage()
    const seen = taker.taken.length
    await taker.until(() => taker.taken.length > seen + 100, 'records after the outage')
    over = true
    await publishing
    await expectEpochs(taker, epoch)
    // One line when it begins, one when it is over; a busy machine may show an outage in pieces.
    const begun = context.logger.matching('warn egress test/egress cannot publish').length
    expect(begun).toBeGreaterThan(0)
    expect(begun).toBeLessThanOrEqual(3)
    expect(context.logger.matching('info egress test/egress publishes again')).toHaveLength(begun)
  })

  it.each([
    ['before its end', API.endTxn],
    ['in its midst', API.produce],
    ['before its marker', API.txnOffsetCommit],
  ])('goes on after the broker gave a transaction up that stood still %s', async (_where, apiKey) => {
    const topic = await newTopic(kafka.bootstrap, 2)
    const faults = new RequestFaults(kafka.bootstrap)
    stops.push(() => faults.stop())
    const { sink, context } = await opened(exactlyOnce(500))
    const taker = await reading(topic)
    await sink.publish(0, epochOf(topic, 0))
    faults.arm(apiKey, 1500)
    for (let epoch = 1; epoch < 4; epoch++) await sink.publish(epoch, epochOf(topic, epoch))
    expect(faults.happened).toBe(1)
    await expectEpochs(taker, 4)
    expect(context.logger.matching('warn egress test/egress cannot publish')).not.toEqual([])
  })

  it('goes on in one cluster while another one is away', async () => {
    const here = inject('kafkaBootstrap')
    const topics = [await newTopic(here), await newTopic(kafka.bootstrap)] as const
    const one = await opened(exactlyOnce(5000), here)
    const two = await opened(exactlyOnce(5000))
    const takers = [await reading(topics[0], here), await reading(topics[1])] as const
    await one.sink.publish(0, epochOf(topics[0], 0))
    await two.sink.publish(0, epochOf(topics[1], 0))
    await kafka.kill()
    const waiting = two.sink.publish(1, epochOf(topics[1], 1))
    for (let epoch = 1; epoch < 10; epoch++) await one.sink.publish(epoch, epochOf(topics[0], epoch))
    await kafka.restart()
    await waiting
    await expectEpochs(takers[0], 10)
    await expectEpochs(takers[1], 2)
    expect(one.context.logger.matching('cannot publish: ')).toEqual([])
  })

  it('refuses a transactionTimeout above what the broker allows, with both numbers and the place', async () => {
    await expect(opened(exactlyOnce(MAX_TIMEOUT_MS + 1))).rejects.toMatchObject({
      code: 'SF_KAFKA_TRANSACTION_TIMEOUT',
      message: expect.stringMatching(
        /test\/egress .*5001 ms.*transaction\.max\.timeout\.ms, which is 5000 ms/,
      ),
      where: 'module.yaml:7:3',
      hint: expect.stringContaining('deliverySemantic.transactionTimeout'),
    })
  })

  it('takes the longest transactionTimeout that the broker allows', async () => {
    await opened(exactlyOnce(MAX_TIMEOUT_MS))
  })
})
