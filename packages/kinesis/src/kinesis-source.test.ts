import { afterEach, describe, expect, it } from 'vitest'
import { aggregate } from '../test/aggregate.ts'
import { FakeKinesis, sdkError } from '../test/fake-kinesis.ts'
import { type Checkpoint, ingress, NOTHING, PullingEngine } from '../test/pulling-engine.ts'
import { SteppedClock } from '../test/stepped-clock.ts'
import { KinesisSource } from './kinesis-source.ts'

let clock = new SteppedClock()
const engines: PullingEngine[] = []
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.source.stop()
})

function kinesisOf(shards = 1): FakeKinesis {
  clock = new SteppedClock()
  return new FakeKinesis(shards, () => clock.now())
}

async function start(
  kinesis: FakeKinesis,
  from: Checkpoint = NOTHING,
  changes: Parameters<typeof ingress>[0] = {},
) {
  const engine = await PullingEngine.start(kinesis, clock, from, ingress(changes))
  engines.push(engine)
  return engine
}

const put = (kinesis: FakeKinesis, ...values: string[]) => {
  for (const value of values) kinesis.put('key', Buffer.from(value))
}
const valuesOf = (engine: PullingEngine) => engine.received.get('key') ?? []

async function pulled(engine: PullingEngine, count: number): Promise<readonly string[]> {
  for (let round = 0; round < 200 && valuesOf(engine).length < count; round++) {
    await clock.pass(100)
    engine.pull()
  }
  return valuesOf(engine)
}

describe('an ingress starts', () => {
  it('at the oldest record with earliest', async () => {
    const kinesis = kinesisOf()
    put(kinesis, 'a', 'b')
    expect(await pulled(await start(kinesis), 2)).toEqual(['a', 'b'])
  })

  it('behind the newest with latest, whose place outlives a restart before the first record', async () => {
    const kinesis = kinesisOf()
    put(kinesis, 'old')
    await clock.pass(1)
    const first = await start(kinesis, NOTHING, { startupPosition: { type: 'latest' } })
    const durable = first.checkpoint()
    await first.source.stop()
    await clock.pass(60_000)
    put(kinesis, 'meanwhile')
    const second = await start(kinesis, durable, { startupPosition: { type: 'latest' } })
    put(kinesis, 'new')
    expect(await pulled(second, 2)).toEqual(['meanwhile', 'new'])
  })

  it('at a date', async () => {
    const kinesis = kinesisOf()
    put(kinesis, 'old')
    await clock.pass(1000)
    const epochMs = clock.now()
    put(kinesis, 'new')
    expect(
      await pulled(await start(kinesis, NOTHING, { startupPosition: { type: 'date', epochMs } }), 1),
    ).toEqual(['new'])
  })

  it('where properties of a connector say, which win over the field', async () => {
    const kinesis = kinesisOf()
    put(kinesis, 'old')
    const engine = await start(kinesis, NOTHING, {
      startupPosition: { type: 'latest' },
      clientConfigProperties: [['source.init.position', 'TRIM_HORIZON']],
    })
    expect(await pulled(engine, 1)).toEqual(['old'])
  })

  it('not, when there is no such stream', async () => {
    const kinesis = kinesisOf()
    kinesis.fault = () => sdkError('ResourceNotFoundException')
    await expect(start(kinesis)).rejects.toMatchObject({
      code: 'SF_KINESIS_NO_STREAM',
      where: 'stream [orders]',
      hint: expect.stringContaining('create it'),
    })
  })

  it('not, when Kinesis does not answer for a minute', async () => {
    const kinesis = kinesisOf()
    kinesis.fault = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    await expect(start(kinesis)).rejects.toMatchObject({ code: 'SF_KINESIS_UNAVAILABLE' })
    expect(kinesis.calls).toBeLessThan(40)
  })
})

it('can be stopped while it starts', async () => {
  const kinesis = kinesisOf()
  kinesis.fault = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  const { context } = await start(kinesisOf())
  const source = new KinesisSource(ingress(), context, { reads: kinesis, clock })
  const starting = source.start({ added() {}, ready() {}, failed() {} }, new Map())
  const refused = expect(starting).rejects.toMatchObject({ code: 'SF_KINESIS_UNAVAILABLE' })
  await clock.pass(100)
  await source.stop()
  await refused
})

it('reads nothing when it was stopped while it opened its clients', async () => {
  const kinesis = kinesisOf()
  const { context } = await start(kinesisOf())
  const definition = ingress({
    awsRegion: { type: 'specific', id: 'eu-west-1' },
    clientConfigProperties: [
      ['source.reader.type', 'EFO'],
      ['source.efo.consumer.name', 'app'],
    ],
  })
  const source = new KinesisSource(definition, context, { reads: kinesis, clock })
  const starting = source.start({ added() {}, ready() {}, failed() {} }, new Map())
  await source.stop()
  await starting
  expect(kinesis.calls).toBe(0)
})

it('says which positions of a checkpoint are of no stream that it reads', async () => {
  const kinesis = kinesisOf()
  const positions = new Map([
    ['arn:aws:kinesis:eu-west-1:000000000000:stream/orders/shardId-000000000000', 'trim-horizon'],
  ])
  const engine = await start(kinesis, { received: new Map(), positions })
  expect(engine.context.lines.filter((line) => line.startsWith('warn'))).toEqual([
    'warn the checkpoint holds positions of arn:aws:kinesis:eu-west-1:000000000000:stream/orders, which ingress test/ingress does not read: a stream that it names otherwise now starts by its startup position',
  ])
})

describe('a trouble that passes', () => {
  it('is waited out: refused calls, expired iterators, an endpoint that is away', async () => {
    const kinesis = kinesisOf()
    const engine = await start(kinesis)
    put(kinesis, 'a')
    await pulled(engine, 1)
    kinesis.faults.push(
      sdkError('ProvisionedThroughputExceededException'),
      sdkError('ExpiredIteratorException'),
      Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
      sdkError('InternalFailure', 500),
    )
    kinesis.expireIterators()
    put(kinesis, 'b')
    expect(await pulled(engine, 2)).toEqual(['a', 'b'])
    expect(engine.failures).toEqual([])
    expect(engine.context.metric('KinesisSourceReader.numThrottledCalls{ingress="test/ingress"}')).toBe(1)
    const outage = engine.context.lines.filter((line) => !line.startsWith('debug'))
    expect(outage).toEqual([
      expect.stringMatching(
        /^warn stream orders of ingress test\/ingress cannot be read: .*hang up.*trying again$/,
      ),
      expect.stringMatching(/^info stream orders of ingress test\/ingress can be read again after/),
    ])
  })

  it('ends the job when a shard that is listed is not found time and again', async () => {
    const kinesis = kinesisOf()
    const engine = await start(kinesis)
    await clock.pass(3000)
    kinesis.readFault = () => sdkError('ResourceNotFoundException')
    await clock.pass(3000)
    expect(engine.failures).toEqual([])
    for (let round = 0; round < 100 && engine.failures.length === 0; round++) await clock.pass(5000)
    expect(engine.failures).toHaveLength(1)
    expect(engine.failures[0]).toMatchObject({
      code: 'SF_KINESIS_NO_STREAM',
      where: expect.stringMatching(/^stream \[orders\], shard \[shardId-\d+\]$/),
    })
  })

  it('ends the job when credentials are refused', async () => {
    const kinesis = kinesisOf()
    const engine = await start(kinesis)
    await clock.pass(3000)
    kinesis.fault = () => sdkError('AccessDeniedException', 400)
    await clock.pass(3000)
    expect(engine.failures[0]).toMatchObject({
      code: 'SF_KINESIS_REFUSED',
      where: expect.stringMatching(/^stream \[orders\], shard \[shardId-\d+\]$/),
      hint: expect.stringContaining('kinesis:GetRecords'),
    })
  })
})

describe('shards', () => {
  it('that are gone before they were read are named, and those after them are read', async () => {
    const kinesis = kinesisOf()
    put(kinesis, 'a', 'b')
    const first = await start(kinesis)
    await clock.pass(500)
    for (const partition of first.partitions) partition.next()
    const durable = first.checkpoint()
    await first.source.stop()
    const [old] = kinesis.shards
    kinesis.split(old!)
    kinesis.trim(old!.id)
    put(kinesis, 'c')
    const second = await start(kinesis, { ...durable, received: new Map() })
    expect(await pulled(second, 1)).toEqual(['c'])
    expect(second.context.lines.join('\n')).toMatch(
      /error shard shardId-\d+ is gone: records behind after \d+/,
    )
    expect(second.failures).toEqual([])
  })

  it('that are finished leave the positions and the gauges, and are not read anew after a restart', async () => {
    const kinesis = kinesisOf()
    put(kinesis, 'a', 'b')
    const first = await start(kinesis)
    await pulled(first, 2)
    const [old] = kinesis.shards
    const behind = (id: string) =>
      first.context.metric(
        `KinesisSourceReader.stream.shard.millisBehindLatest{stream="orders",shard="${id}",ingress="test/ingress"}`,
      )
    expect(behind(old!.id)).toBe(0)
    kinesis.split(old!)
    put(kinesis, 'c')
    await pulled(first, 3)
    const open = kinesis.open.map(({ id }) => `orders/${id}`)
    expect([...first.checkpoint().positions]).toContainEqual([`orders/${old!.id}`, 'closed'])
    expect(behind(old!.id)).toBeUndefined()
    await clock.pass(25_000)
    const durable = first.checkpoint()
    expect([...durable.positions.keys()]).toEqual(open)
    await first.source.stop()
    const second = await start(kinesis, durable)
    put(kinesis, 'd')
    expect(await pulled(second, 4)).toEqual(['a', 'b', 'c', 'd'])
    await clock.pass(25_000)
    expect([...second.checkpoint().positions.keys()]).toEqual(open)
  })

  it('are not asked while nobody takes their records, however many there are', async () => {
    const kinesis = kinesisOf()
    const engine = await start(kinesis)
    for (let i = 0; i < 20; i++) kinesis.put('key', Buffer.alloc(1024 * 1024 - i))
    await clock.pass(60_000)
    expect(kinesis.recordCalls).toBeLessThan(12)
    const before = kinesis.recordCalls
    await clock.pass(600_000)
    expect(kinesis.recordCalls).toBe(before)
    expect((await pulled(engine, 20)).length).toBe(20)
  })

  it('that are empty are asked about once a second', async () => {
    const kinesis = kinesisOf(4)
    await start(kinesis)
    await clock.pass(60_000)
    const before = kinesis.recordCalls
    await clock.pass(100_000)
    expect(kinesis.recordCalls - before).toBeLessThanOrEqual(4 * 101)
    expect(kinesis.recordCalls - before).toBeGreaterThan(4 * 90)
  })
})

it('takes up within an aggregate after a restart', async () => {
  const kinesis = kinesisOf()
  const records = ['a', 'b', 'c', 'd'].map((text) => ({ partitionKey: 'key', data: Buffer.from(text) }))
  kinesis.put('outer', aggregate(records))
  const first = await start(kinesis)
  await clock.pass(500)
  first.pull(3)
  const durable = first.checkpoint()
  expect([...durable.positions.values()][0]).toMatch(/^within \d+ 3$/)
  await first.source.stop()
  expect(await pulled(await start(kinesis, durable), 4)).toEqual(['a', 'b', 'c', 'd'])
})

it('names its partitions by the ARN, when it has one', async () => {
  const streamArn = 'arn:aws:kinesis:eu-west-1:000000000000:stream/orders'
  const engine = await start(kinesisOf(), NOTHING, { streamArn })
  expect(engine.partitions[0]?.name).toMatch(
    /^arn:aws:kinesis:eu-west-1:000000000000:stream\/orders\/shardId-\d+$/,
  )
})

it('refuses a checkpoint that has no position of a shard', async () => {
  const from = { received: new Map(), positions: new Map([['orders/shardId-1', '17']]) }
  await expect(start(kinesisOf(), from)).rejects.toMatchObject({ code: 'SF_KINESIS_POSITION_INVALID' })
})
