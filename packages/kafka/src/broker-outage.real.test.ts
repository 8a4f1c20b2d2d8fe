import { type KafkaBroker, startKafka } from '@statefun/gate'
import { kafkaRecordValue } from '@statefun/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  egress,
  ingress,
  newContext,
  newSink,
  newSource,
  newTopic,
  RecordedSinkListener,
  Taker,
} from '../test/kit.ts'

let kafka: KafkaBroker
const stops: (() => Promise<void>)[] = []

beforeAll(async () => {
  kafka = await startKafka()
})

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

afterAll(async () => {
  await kafka.stop()
})

const text = (topic: string, key: string, value: string) =>
  kafkaRecordValue({ topic, key, value: Buffer.from(value), headers: [] })

/** Writes numbered records for a while, some per millisecond, and returns how many. */
async function writeUntil(
  sink: ReturnType<typeof newSink>,
  topic: string,
  over: () => boolean,
): Promise<number> {
  let written = 0
  while (!over() && written < 200_000) {
    for (let i = 0; i < 20 && !sink.saturated; i++) sink.write(text(topic, `k${written % 7}`, `${written++}`))
    sink.nudge()
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return written
}

describe('a broker outage', () => {
  it.each([
    ['kill and restart', () => kafka.kill().then(() => kafka.restart())],
    ['orderly restart', () => kafka.restart()],
  ])('%s: nothing is lost, doubled or out of order', async (_, outage) => {
    const topic = await newTopic(kafka.bootstrap, 2)
    const sinkContext = newContext()
    const sourceContext = newContext()
    const sink = newSink(egress(kafka.bootstrap), sinkContext)
    const source = newSource(ingress(kafka.bootstrap, [topic]), sourceContext)
    const taker = new Taker()
    const listener = new RecordedSinkListener()
    stops.push(
      () => sink.stop(),
      () => source.stop(),
    )
    await sink.start(listener)
    await source.start(taker, new Map())
    let over = false
    const writing = writeUntil(sink, topic, () => over)
    await taker.count(500)
    await outage()
    const seen = taker.taken.length
    await taker.until(() => taker.taken.length > seen + 500, 'records after the outage')
    over = true
    const written = await writing
    await sink.flush()
    await taker.count(written)
    expect(taker.taken.length).toBe(written)
    const last = new Map<string, number>()
    for (const { id, value } of taker.taken) {
      expect(Number(value)).toBe((last.get(id) ?? Number(id.slice(1)) - 7) + 7)
      last.set(id, Number(value))
    }
    expect(listener.failures).toEqual([])
    expect(taker.failures).toEqual([])
    expect(sinkContext.logger.matching('warn egress test/egress cannot deliver').length).toBeLessThanOrEqual(
      2,
    )
    // One warning and one all-clear per trouble, however many attempts lie between.
    const warnings = sourceContext.logger.matching('warn ')
    const cleared = () => sourceContext.logger.lines.filter((line) => / after \d+ ms$/.test(line)).length
    expect(warnings.length).toBeGreaterThan(0)
    expect(warnings.length).toBeLessThanOrEqual(4)
    await expect.poll(cleared, { timeout: 10_000 }).toBe(warnings.length)
  })

  it('a frozen broker: the request times out, the connection is replaced, all arrives once', async () => {
    const topic = await newTopic(kafka.bootstrap)
    const properties = [['request.timeout.ms', '500']] as const
    const sink = newSink(egress(kafka.bootstrap, { properties }))
    const source = newSource(ingress(kafka.bootstrap, [topic], { properties }))
    const taker = new Taker()
    stops.push(
      () => sink.stop(),
      () => source.stop(),
    )
    await sink.start(new RecordedSinkListener())
    await source.start(taker, new Map())
    sink.write(text(topic, 'k', '0'))
    await sink.flush()
    kafka.pause()
    for (let i = 1; i < 50; i++) sink.write(text(topic, 'k', `${i}`))
    const flushed = sink.flush()
    await new Promise((resolve) => setTimeout(resolve, 1500))
    kafka.resume()
    await flushed
    await taker.count(50)
    expect(taker.values()).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`))
  })

  it('longer than delivery.timeout.ms fails the egress with the place and the reason', async () => {
    const topic = await newTopic(kafka.bootstrap)
    const sink = newSink(egress(kafka.bootstrap, { properties: [['delivery.timeout.ms', '800']] }))
    const listener = new RecordedSinkListener()
    stops.push(() => sink.stop())
    await sink.start(listener)
    sink.write(text(topic, 'k', 'first'))
    await sink.flush()
    await kafka.kill()
    try {
      sink.write(text(topic, 'k', 'second'))
      await expect(sink.flush()).rejects.toMatchObject({
        code: 'SF_KAFKA_DELIVERY_FAILED',
        where: `topic [${topic}], partition [0]`,
        message: expect.stringContaining('not acknowledged within 800 ms'),
      })
      expect(listener.failures.map(({ code }) => code)).toEqual(['SF_KAFKA_DELIVERY_FAILED'])
    } finally {
      await kafka.restart()
    }
  })

  it('at the start is waited out', async () => {
    const topic = await newTopic(kafka.bootstrap)
    await kafka.kill()
    const context = newContext()
    const sink = newSink(egress(kafka.bootstrap), context)
    stops.push(() => sink.stop())
    const starting = sink.start(new RecordedSinkListener())
    await kafka.restart()
    await starting
    sink.write(text(topic, 'k', 'v'))
    await sink.flush()
    expect(context.logger.matching('cannot be reached yet')).toHaveLength(1)
    expect(context.logger.matching(`info Kafka at ${kafka.bootstrap} answers`)).toHaveLength(1)
  })
})
