import { afterEach, expect, it } from 'vitest'
import { FakeKinesis, sdkError } from '../../test/fake-kinesis.ts'
import { FakeSubscriptions } from '../../test/fake-subscriptions.ts'
import { ingress, NOTHING, PullingEngine } from '../../test/pulling-engine.ts'
import { SteppedClock } from '../../test/stepped-clock.ts'

const engines: PullingEngine[] = []
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.source.stop()
})

function parts() {
  const clock = new SteppedClock()
  const kinesis = new FakeKinesis(1, () => clock.now())
  return { clock, kinesis, subscriptions: new FakeSubscriptions(kinesis, clock) }
}

async function start(
  { clock, kinesis, subscriptions }: ReturnType<typeof parts>,
  ...properties: (readonly [string, string])[]
) {
  const definition = ingress({
    clientConfigProperties: [['flink.stream.recordpublisher', 'EFO'], ...properties],
  })
  const engine = await PullingEngine.start(kinesis, clock, NOTHING, definition, subscriptions)
  engines.push(engine)
  return engine
}

it('registers a consumer, is handed records, and subscribes again when a subscription is over', async () => {
  const fake = parts()
  const engine = await start(fake, ['flink.stream.efo.consumername', 'app'])
  expect([...fake.subscriptions.registered]).toEqual(['app'])
  for (let minute = 0; minute < 12; minute++) {
    fake.kinesis.put('key', Buffer.from(String(minute)))
    await fake.clock.pass(60_000)
    engine.pull()
  }
  expect(engine.received.get('key')).toEqual(Array.from({ length: 12 }, (_, minute) => String(minute)))
  expect(fake.kinesis.recordCalls).toBe(fake.subscriptions.events)
  expect(engine.failures).toEqual([])
})

it('takes no more while nobody takes its records', async () => {
  const fake = parts()
  const engine = await start(fake, ['flink.stream.efo.consumername', 'app'])
  for (let i = 0; i < 300; i++) fake.kinesis.put('key', Buffer.alloc(100_000))
  await fake.clock.pass(60_000)
  const before = fake.subscriptions.events
  await fake.clock.pass(600_000)
  expect(fake.subscriptions.events).toBe(before)
  expect(before).toBeLessThan(4)
  for (let round = 0; round < 30; round++) {
    engine.pull()
    await fake.clock.pass(2000)
  }
  expect(engine.received.get('key')).toHaveLength(300)
})

it('wants the consumer that others register to be there', async () => {
  const consumer = ['flink.stream.efo.consumername', 'app'] as const
  await expect(start(parts(), consumer, ['flink.stream.efo.registration', 'NONE'])).rejects.toMatchObject({
    code: 'SF_KINESIS_NO_CONSUMER',
    where: 'stream [orders]',
  })
  await expect(start(parts())).rejects.toMatchObject({ code: 'SF_KINESIS_PROPERTY_INVALID' })
  const arn = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders/consumer/app:1'
  const fake = parts()
  await start(fake, ['flink.stream.efo.registration', 'NONE'], ['flink.stream.efo.consumerarn.orders', arn])
  await fake.clock.pass(3000)
  expect(fake.subscriptions.events).toBeGreaterThan(0)
})

it('ends the job when its consumer is gone: a start registers it again', async () => {
  const fake = parts()
  const engine = await start(fake, ['flink.stream.efo.consumername', 'app'])
  await fake.clock.pass(3000)
  fake.subscriptions.refusal = () => sdkError('ResourceNotFoundException')
  fake.subscriptions.fault = () => new Error('the subscription is over')
  await fake.clock.pass(60_000)
  expect(engine.failures).toHaveLength(1)
  expect(engine.failures[0]).toMatchObject({
    code: 'SF_KINESIS_NO_CONSUMER',
    message: expect.stringContaining('ResourceNotFoundException of the test'),
    where: expect.stringMatching(/^stream \[orders\], shard \[shardId-\d+\]$/),
  })
})

it('pauses between subscriptions that bring nothing', async () => {
  const fake = parts()
  const engine = await start(fake, ['flink.stream.efo.consumername', 'app'])
  await fake.clock.pass(3000)
  fake.subscriptions.empty = true
  fake.subscriptions.fault = () => new Error('the subscription is over')
  const before = fake.subscriptions.subscribed
  await fake.clock.pass(2000)
  for (let turn = 0; turn < 500; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(fake.subscriptions.subscribed - before).toBeLessThan(10)
  fake.subscriptions.empty = false
  fake.subscriptions.fault = () => undefined
  fake.kinesis.put('key', Buffer.from('a'))
  await fake.clock.pass(10_000)
  engine.pull()
  expect(engine.received.get('key')).toEqual(['a'])
})

it('says why a consumer cannot be registered', async () => {
  const fake = parts()
  fake.subscriptions.registering = () => sdkError('LimitExceededException')
  await expect(start(fake, ['flink.stream.efo.consumername', 'app'])).rejects.toMatchObject({
    code: 'SF_KINESIS_UNAVAILABLE',
    message: expect.stringContaining('LimitExceededException'),
  })
})
