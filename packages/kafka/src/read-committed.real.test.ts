import { afterEach, describe, expect, inject, it } from 'vitest'
import { ingress, newSource, newTopic, Taker, TestTransactions } from '../test/kit.ts'

const bootstrap = inject('kafkaBootstrap')
const stops: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

async function take(
  topic: string,
  isolation: string,
  properties: readonly (readonly [string, string])[] = [],
) {
  const source = newSource(
    ingress(bootstrap, [topic], { properties: [['isolation.level', isolation], ...properties] }),
  )
  const taker = new Taker()
  stops.push(() => source.stop())
  await source.start(taker, new Map())
  return taker
}

describe('isolation.level', () => {
  it('read_committed leaves out aborted records, several aborts of one producer and small fetches included', async () => {
    const topic = await newTopic(bootstrap)
    const one = await TestTransactions.open(bootstrap)
    const two = await TestTransactions.open(bootstrap)
    stops.push(
      () => one.close(),
      () => two.close(),
    )
    await one.run(topic, ['a1', 'a2'], 'abort')
    await one.run(topic, ['c1', 'c2'], 'commit')
    await two.begin(topic, ['b1'])
    await one.run(topic, ['a3'], 'abort')
    await one.run(topic, ['a4'], 'abort')
    await one.run(topic, ['c3'], 'commit')
    await two.end('abort')
    await two.run(topic, ['c4'], 'commit')
    const uncommitted = await take(topic, 'read_uncommitted')
    const committed = await take(topic, 'read_committed')
    // So small that every fetch holds one batch: markers come in later fetches than the records they abort.
    const slowly = await take(topic, 'read_committed', [
      ['max.partition.fetch.bytes', '1'],
      ['fetch.max.bytes', '1'],
    ])
    await uncommitted.count(9)
    await Promise.all([committed.count(4), slowly.count(4)])
    expect(uncommitted.values()).toEqual(['a1', 'a2', 'c1', 'c2', 'b1', 'a3', 'a4', 'c3', 'c4'])
    expect(committed.values()).toEqual(['c1', 'c2', 'c3', 'c4'])
    expect(slowly.values()).toEqual(['c1', 'c2', 'c3', 'c4'])
  })

  it('read_committed waits for the end of an open transaction', async () => {
    const topic = await newTopic(bootstrap)
    const transactions = await TestTransactions.open(bootstrap)
    stops.push(() => transactions.close())
    await transactions.begin(topic, ['open'])
    const committed = await take(topic, 'read_committed')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(committed.values()).toEqual([])
    await transactions.end('commit')
    await committed.count(1)
  })
})
