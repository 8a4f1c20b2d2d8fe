import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FakeKinesis, sdkError } from '../test/fake-kinesis.ts'
import { FakeSubscriptions } from '../test/fake-subscriptions.ts'
import { type Checkpoint, ingress, NOTHING, PullingEngine } from '../test/pulling-engine.ts'
import { SteppedClock } from '../test/stepped-clock.ts'

const KEYS = 12

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
  { weight: 2, arbitrary: fc.record({ do: fc.constant('split' as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('merge' as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('checkpoint' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const) }) },
)

it.each(['POLLING', 'EFO'])(
  '%s loses, repeats and reorders nothing over splits, merges, refused calls and restarts',
  async (type) => {
    const definition = ingress({
      clientConfigProperties: [
        ['source.reader.type', type],
        ['source.efo.consumer.name', 'test'],
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
          let durable: Checkpoint = NOTHING
          let engine = await start(NOTHING)
          for (const each of steps) {
            if (each.do === 'put') putAll(kinesis, sent, each.count)
            else if (each.do === 'pull') engine.pull(each.limit)
            else if (each.do === 'pass') await clock.pass(each.ms)
            else if (each.do === 'split') kinesis.split(kinesis.open[each.at % kinesis.open.length]!)
            else if (each.do === 'merge') mergeSome(kinesis, each.at)
            else if (each.do === 'checkpoint') durable = engine.checkpoint()
            else if (each.do === 'expire') kinesis.expireIterators()
            else {
              await engine.source.stop()
              engine = await start(durable)
            }
          }
          for (let round = 0; round < 400 && count(engine.received) < count(sent); round++) {
            engine.pull(25)
            await clock.pass(500)
          }
          engine.pull()
          await engine.source.stop()
          expect(engine.failures).toEqual([])
          expect(sorted(engine.received)).toEqual(sorted(sent))
        },
      ),
      { numRuns: 200 },
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
