import { afterEach, describe, expect, inject, it } from 'vitest'
import { ingress, newContext, newSource, newTopic, produceRaw, route, Taker } from '../test/kit.ts'

const bootstrap = inject('kafkaBootstrap')
const stops: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

const TIMESTAMP = 1_700_000_000_000
const records = [
  { key: 'good', value: 'one' },
  { key: null, value: 'seven77' },
  { key: 'k1', value: null },
  { key: null, value: null },
  { key: '', value: '' },
]

describe('invalid records', () => {
  it('are skipped with the pinned log line and counted by topic and defect', async () => {
    const topic = await newTopic(bootstrap)
    await produceRaw(bootstrap, topic, records, TIMESTAMP)
    const context = newContext()
    const source = newSource(ingress(bootstrap, [topic]), context)
    const taker = new Taker()
    stops.push(() => source.stop())
    await source.start(taker, new Map())
    await taker.count(2)
    expect(taker.taken.map(({ id, value }) => [id, value])).toEqual([
      ['good', 'one'],
      ['', ''],
    ])
    const at = (offset: number) =>
      `topic [${topic}], partition [0], offset [${offset}], timestamp [${TIMESTAMP}]`
    expect(context.logger.matching('Skipping')).toEqual([
      `warn Skipping invalid record: defect [NULL_KEY], ${at(1)}, key [null], value size [7]`,
      `warn Skipping invalid record: defect [NULL_VALUE], ${at(2)}, key [k1], value size [-1]`,
      `warn Skipping invalid record: defect [NULL_KEY], ${at(3)}, key [null], value size [-1]`,
    ])
    const labels = (defect: string) => `{topic="${topic}",defect="${defect}",ingress="test/ingress"}`
    expect(Object.fromEntries(context.metrics.counters)).toEqual({
      'deserializer.numInvalidRecordsSkipped{ingress="test/ingress"}': 3,
      [`deserializer.topic.defect.numInvalidRecordsSkipped${labels('NULL_KEY')}`]: 2,
      [`deserializer.topic.defect.numInvalidRecordsSkipped${labels('NULL_VALUE')}`]: 1,
    })
    expect(taker.positions().get(`${topic}/0`)).toBe('5')
  })

  it.each([
    [1, 'requires a UTF-8 key set for each record.', ''],
    [2, 'cannot process a tombstone (null value) record.', ', key [k1]'],
  ])('fail the ingress when the topic says so: record %i', async (offset, text, key) => {
    const topic = await newTopic(bootstrap)
    await produceRaw(bootstrap, topic, records, TIMESTAMP)
    const source = newSource(ingress(bootstrap, [route(topic, { invalidRecordHandling: { type: 'fail' } })]))
    const taker = new Taker()
    stops.push(() => source.stop())
    await source.start(taker, new Map([[`${topic}/0`, String(offset)]]))
    await taker.until(() => taker.failures.length > 0, 'a failure')
    expect(taker.failures[0]).toMatchObject({
      code: 'SF_KAFKA_INVALID_RECORD',
      message:
        `The io.statefun.kafka.v1/ingress ingress ${text} ` +
        `Offending record: topic [${topic}], partition [0], offset [${offset}], timestamp [${TIMESTAMP}]${key}.`,
    })
    expect(taker.taken).toEqual([])
  })
})
