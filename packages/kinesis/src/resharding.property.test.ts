import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FakeKinesis, sdkError } from '../test/fake-kinesis.ts'
import { FakeSubscriptions } from '../test/fake-subscriptions.ts'
import { type Checkpoint, ingress, NOTHING, PullingEngine } from '../test/pulling-engine.ts'
import { SteppedClock } from '../test/stepped-clock.ts'

const KEYS = 12
/** As many can be gone back to. */
const CHECKPOINTS = 4

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('put' as const), count: fc.integer({ min: 1, max: 30 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('pull' as const), limit: fc.integer({ min: 1, max: 40 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 3000 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pullOne' as const), at: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('split' as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('merge' as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('checkpoint' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rollback' as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('trim' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const) }) },
)

it.each(['POLLING', 'EFO'])(
  '%s loses, repeats and reorders nothing over splits, merges, refused calls and restarts',
  async (type) => {
    const definition = ingress({
      clientConfigProperties: [
        ['source.reader.type', type],
        ['source.efo.consumer.name', 'test'],
        ['flink.shard.discovery.intervalmillis', '700'],
      ],
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.infiniteStream(fc.nat({ max: 99 })),
        async (steps, shards, namesChildren, dice) => {
          const clock = new SteppedClock()
          const kinesis = new FakeKinesis(shards, () => clock.now())
          kinesis.namesChildren = namesChildren
          kinesis.fault = () => faultOf(dice.next().value ?? 99)
          const subscriptions = new FakeSubscriptions(kinesis, clock)
          subscriptions.fault = kinesis.fault
          const start = (from: Checkpoint) =>
            PullingEngine.start(kinesis, clock, from, definition, subscriptions)
          const sent = new Map<string, string[]>()
          /** From which the engine may be started, the newest last. */
          const durable: Checkpoint[] = [NOTHING]
          let engine = await start(NOTHING)
          for (const each of steps) {
            if (each.do === 'put') putAll(kinesis, sent, each.count)
            else if (each.do === 'pull') engine.pull(each.limit)
            else if (each.do === 'pullOne') pullOne(engine, each.at)
            else if (each.do === 'settle') await settle(engine, clock)
            else if (each.do === 'pass') await clock.pass(each.ms)
            else if (each.do === 'split') kinesis.split(kinesis.open[each.at % kinesis.open.length]!)
            else if (each.do === 'merge') mergeSome(kinesis, each.at)
            else if (each.do === 'checkpoint') {
              durable.push(engine.checkpoint())
              if (durable.length > CHECKPOINTS) durable.shift()
            } else if (each.do === 'trim') trimOldest(kinesis, durable[0]!)
            else if (each.do === 'expire') kinesis.expireIterators()
            else {
              await engine.source.stop()
              if (each.do === 'rollback') durable.splice(1 + (each.at % durable.length))
              engine = await start(durable.at(-1)!)
            }
          }
          const open = kinesis.open.map(({ id }) => `orders/${id}`).sort()
          const kept = () => [...engine.checkpoint().positions.keys()].sort()
          const missing = () => count(engine.received) < count(sent) || kept().join() !== open.join()
          for (let round = 0; round < 400 && missing(); round++) {
            engine.pull(25)
            await clock.pass(500)
          }
          engine.pull()
          await engine.source.stop()
          expect(engine.failures).toEqual([])
          expect(sorted(engine.received)).toEqual(sorted(sent))
          expect(kept()).toEqual(open)
        },
      ),
      { numRuns: 400 },
    )
  },
)

function faultOf(dice: number): Error | undefined {
  if (dice < 5) return sdkError('ProvisionedThroughputExceededException')
  if (dice < 8) return sdkError('InternalFailure', 500)
  if (dice < 10) return Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  if (dice < 12) return sdkError('ExpiredIteratorException')
  return undefined
}

function putAll(kinesis: FakeKinesis, sent: Map<string, string[]>, count: number): void {
  for (let i = 0; i < count; i++) {
    const key = `key ${(i * 7) % KEYS}`
    const values = sent.get(key) ?? []
    const value = String(values.length)
    sent.set(key, [...values, value])
    kinesis.put(key, Buffer.from(value))
  }
}

function pullOne(engine: PullingEngine, at: number): void {
  const { partitions } = engine
  if (partitions.length > 0) engine.pull(undefined, [partitions[at % partitions.length]!])
}

/** Shards that are closed are read to their end, and their children are found. */
async function settle(engine: PullingEngine, clock: SteppedClock): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await clock.pass(1000)
    engine.pull()
  }
}

/** Kinesis lets go of the shard that was closed first, once no checkpoint is without its records. */
function trimOldest(kinesis: FakeKinesis, oldest: Checkpoint): void {
  const shard = kinesis.closed
    .map((id) => kinesis.shards.find((each) => each.id === id))
    .find((each) => each !== undefined)
  const taken = shard?.records.every(({ partitionKey, data }) =>
    oldest.received.get(partitionKey)?.includes(Buffer.from(data).toString()),
  )
  if (shard !== undefined && taken === true) kinesis.trim(shard.id)
}

function mergeSome(kinesis: FakeKinesis, at: number): void {
  const open = [...kinesis.open].sort((a, b) => (a.first < b.first ? -1 : 1))
  if (open.length < 2) return
  const left = at % (open.length - 1)
  kinesis.merge(open[left]!, open[left + 1]!)
}

function count(values: ReadonlyMap<string, readonly string[]>): number {
  let all = 0
  for (const each of values.values()) all += each.length
  return all
}

function sorted(values: ReadonlyMap<string, readonly string[]>) {
  return [...values].sort(([a], [b]) => (a < b ? -1 : 1))
}
