import { deleteRecordsV2 } from '@platformatic/kafka'
import { kafkaRecordValue } from '@statefun/protocol'
import { afterEach, describe, expect, inject, it } from 'vitest'
import {
  egress,
  ingress,
  newContext,
  newSink,
  newSource,
  newTopic,
  RecordedSinkListener,
  Taker,
  withBroker,
} from '../test/kit.ts'

const bootstrap = inject('kafkaBootstrap')
const stops: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

async function write(topic: string, values: readonly string[]): Promise<void> {
  const sink = newSink(egress(bootstrap))
  await sink.start(new RecordedSinkListener())
  for (const value of values) {
    sink.write(kafkaRecordValue({ topic, key: 'k', value: Buffer.from(value), headers: [] }))
  }
  await sink.flush()
  await sink.stop()
}

async function start(
  topic: string,
  changes: Parameters<typeof ingress>[2],
  positions: ReadonlyMap<string, string> = new Map(),
) {
  const context = newContext()
  const source = newSource(ingress(bootstrap, [topic], changes), context)
  const taker = new Taker()
  stops.push(() => source.stop())
  await source.start(taker, positions)
  return { source, taker, context }
}

let group = 0
const newGroup = () => `group-${process.pid}-${Date.now()}-${group++}`

describe('startup positions', () => {
  it('earliest takes everything, latest what comes later', async () => {
    const topic = await newTopic(bootstrap)
    await write(topic, ['a', 'b'])
    const earliest = await start(topic, { startupPosition: { type: 'earliest' } })
    const latest = await start(topic, { startupPosition: { type: 'latest' } })
    await earliest.taker.count(2)
    await write(topic, ['c'])
    await Promise.all([earliest.taker.count(3), latest.taker.count(1)])
    expect(earliest.taker.values()).toEqual(['a', 'b', 'c'])
    expect(latest.taker.values()).toEqual(['c'])
    expect(latest.taker.positions()).toEqual(new Map([[`${topic}/0`, '3']]))
  })

  it('a restored position wins over all of them', async () => {
    const topic = await newTopic(bootstrap)
    await write(topic, ['a', 'b', 'c'])
    const restored = new Map([[`${topic}/0`, '1']])
    const { taker } = await start(topic, { startupPosition: { type: 'latest' } }, restored)
    await taker.count(2)
    expect(taker.values()).toEqual(['b', 'c'])
  })

  it('a partition that the checkpoint does not know starts at its beginning, as it is new', async () => {
    const topic = await newTopic(bootstrap, 2)
    await write(topic, ['a'])
    const { taker } = await start(
      topic,
      { startupPosition: { type: 'latest' } },
      new Map([[`${topic}/9`, '5']]),
    )
    await taker.count(1)
  })

  it('refuses a restored position that is no offset', async () => {
    const topic = await newTopic(bootstrap)
    await expect(start(topic, {}, new Map([[`${topic}/0`, 'abc']]))).rejects.toMatchObject({
      code: 'SF_KAFKA_POSITION_INVALID',
    })
  })

  it('group-offsets resumes where the group committed, and without that resets as told', async () => {
    const topic = await newTopic(bootstrap)
    const consumerGroupId = newGroup()
    await write(topic, ['a', 'b', 'c'])
    const first = await start(topic, { consumerGroupId })
    await first.taker.count(3)
    first.source.committed(new Map([[`${topic}/0`, '1']]))
    first.source.committed(new Map([[`${topic}/0`, '2']]))
    await first.source.stop()
    const resumed = await start(topic, { consumerGroupId, startupPosition: { type: 'group-offsets' } })
    await resumed.taker.count(1)
    expect(resumed.taker.values()).toEqual(['c'])
    const reset = await start(topic, {
      consumerGroupId: newGroup(),
      startupPosition: { type: 'group-offsets' },
      autoOffsetResetPosition: 'earliest',
    })
    await reset.taker.count(3)
    expect(reset.context.logger.matching(`has no offset for ${topic}/0: starting at earliest`)).toHaveLength(
      1,
    )
  })

  it('group-offsets without a group is refused', async () => {
    const topic = await newTopic(bootstrap)
    await expect(start(topic, { startupPosition: { type: 'group-offsets' } })).rejects.toMatchObject({
      code: 'SF_KAFKA_GROUP_MISSING',
    })
  })

  it('specific-offsets starts there', async () => {
    const topic = await newTopic(bootstrap)
    await write(topic, ['a', 'b', 'c'])
    const { taker } = await start(topic, {
      startupPosition: { type: 'specific-offsets', offsets: [{ topic, partition: 0, offset: 2 }] },
    })
    await taker.count(1)
    expect(taker.values()).toEqual(['c'])
  })

  it('date starts at the first record of that time, and at the end when there is none', async () => {
    const topic = await newTopic(bootstrap)
    await write(topic, ['a'])
    await new Promise((resolve) => setTimeout(resolve, 20))
    const epochMs = Date.now()
    await write(topic, ['b', 'c'])
    const since = await start(topic, { startupPosition: { type: 'date', epochMs } })
    const future = await start(topic, { startupPosition: { type: 'date', epochMs: epochMs + 3_600_000 } })
    await since.taker.count(2)
    expect(since.taker.values()).toEqual(['b', 'c'])
    await write(topic, ['d'])
    await future.taker.count(1)
    expect(future.taker.values()).toEqual(['d'])
  })

  it('goes on by autoOffsetResetPosition when its offset is gone, and says loudly what is lost', async () => {
    const topic = await newTopic(bootstrap)
    await write(topic, ['a', 'b', 'c', 'd'])
    await withBroker(bootstrap, (connection) =>
      deleteRecordsV2.api.async(
        connection,
        [{ name: topic, partitions: [{ partitionIndex: 0, offset: 3n }] }],
        5000,
      ),
    )
    const restored = new Map([[`${topic}/0`, '1']])
    const { taker, context } = await start(topic, { autoOffsetResetPosition: 'earliest' }, restored)
    await taker.count(1)
    expect(taker.values()).toEqual(['d'])
    expect(context.logger.matching('error')).toEqual([
      `error ${topic}/0: offsets 1 to 2 are lost: retention deleted them up to 2; going on at offset 3 (autoOffsetResetPosition)`,
    ])
    const beyond = await start(topic, { autoOffsetResetPosition: 'latest' }, new Map([[`${topic}/0`, '99']]))
    await beyond.taker.until(
      () => beyond.context.logger.matching('offset 99 is beyond the end').length === 1,
      'the log',
    )
    await write(topic, ['e'])
    await beyond.taker.count(1)
    expect(beyond.taker.values()).toEqual(['e'])
  })

  it('waits for a topic that does not exist yet and then takes all of it', async () => {
    const topic = `later-${process.pid}-${Date.now()}`
    const { taker, context } = await start(topic, { startupPosition: { type: 'latest' } })
    expect(context.logger.matching(`topic ${topic} of ingress test/ingress does not exist`)).toHaveLength(1)
    await newTopic(bootstrap, 1, {}, topic)
    await write(topic, ['a'])
    await taker.count(1)
    expect(context.logger.matching(`info topic ${topic} is there`)).toHaveLength(1)
  })
})
