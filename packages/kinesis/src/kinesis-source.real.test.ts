import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KinesisIngressDefinition } from '@statefun/engine'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { aggregate } from '../test/aggregate.ts'
import { RunningSource } from '../test/running-source.ts'
import { ingressAt, localStackPlace, type Place, START_MS, TestStreams } from '../test/test-streams.ts'
import { ThrottlingProxy } from '../test/throttling-proxy.ts'

const TEST_MS = 180_000
const POLL = { timeout: 90_000, interval: 20 }

let streams: TestStreams
const sources: RunningSource[] = []
beforeAll(async () => {
  streams = await TestStreams.at(await localStackPlace())
}, START_MS)
afterEach(async () => {
  for (const source of sources.splice(0)) await source.stop()
})
afterAll(() => streams?.close())

async function start(
  stream: string,
  changes: Partial<KinesisIngressDefinition> = {},
  positions?: ReadonlyMap<string, string>,
  place: Place = streams.place,
): Promise<RunningSource> {
  const route = { stream, valueType: 'test/value', targets: ['test/fn'] }
  const source = await RunningSource.start(ingressAt(place, { streams: [route], ...changes }), positions)
  sources.push(source)
  return source
}

const KEYS = 20
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => String(from + i))
const everyKey = (values: readonly string[]) =>
  new Map(Array.from({ length: KEYS }, (_, key) => [`key ${key}`, values]))

/** The numbers from `from` to before `to`, each to every key. */
async function putNumbers(stream: string, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++) {
    await streams.putAll(
      stream,
      Array.from({ length: KEYS }, (_, key) => ({ partitionKey: `key ${key}`, data: String(number) })),
    )
  }
}

describe('shards that are split and merged while records come', () => {
  it(
    'are read in order, without loss or repetition, also over a restart',
    async () => {
      const stream = await streams.create(2)
      const first = await start(stream)
      await putNumbers(stream, 0, 10)
      await streams.split(stream)
      await putNumbers(stream, 10, 20)
      await streams.merge(stream)
      await putNumbers(stream, 20, 30)
      await expect.poll(() => first.received, POLL).toEqual(everyKey(numbers(0, 30)))
      await first.stop()
      const positions = first.positions
      expect([...positions.values()].filter((text) => text === 'closed').length).toBeGreaterThan(0)
      await putNumbers(stream, 30, 35)
      await streams.merge(stream)
      await streams.split(stream)
      await putNumbers(stream, 35, 40)
      const second = await start(stream, {}, positions)
      await expect.poll(() => second.received, POLL).toEqual(everyKey(numbers(30, 40)))
      expect([...first.failures, ...second.failures]).toEqual([])
    },
    TEST_MS,
  )
})

describe('records', () => {
  it(
    'of an aggregate that the package of AWS made come one by one, and a restart goes on within it',
    async () => {
      const stream = await streams.create()
      const pack = (...values: string[]) =>
        aggregate(values.map((value) => ({ partitionKey: 'inner', data: Buffer.from(value) })))
      const broken = Buffer.from(pack('x'))
      broken[broken.length - 1]! ^= 1
      await streams.put(stream, 'outer', pack('a', 'b', 'c'))
      await streams.put(stream, 'plain', 'p')
      await streams.put(stream, 'broken', broken)
      await streams.put(stream, 'outer', pack('d', 'e'))
      const source = await start(stream)
      await expect.poll(() => source.count, POLL).toBe(7)
      expect(source.received.get('inner')).toEqual(['a', 'b', 'c', 'd', 'e'])
      expect(source.received.get('plain')).toEqual(['p'])
      expect(source.received.get('broken')).toHaveLength(1)
      const [[name, position] = ['', '']] = source.positions
      const within = new Map([[name, position.replace(/^after (\d+)$/, 'within $1 1')]])
      const again = await start(stream, {}, within)
      await expect.poll(() => again.received, POLL).toEqual(new Map([['inner', ['e']]]))
    },
    TEST_MS,
  )

  it(
    'of before the start are left out with latest and a date',
    async () => {
      const stream = await streams.create(2)
      await streams.put(stream, 'a', 'old')
      await sleep(1100)
      const epochMs = Date.now()
      const latest = await start(stream, { startupPosition: { type: 'latest' } })
      await streams.put(stream, 'a', 'new')
      const dated = await start(stream, { startupPosition: { type: 'date', epochMs } })
      const all = await start(stream)
      await expect.poll(() => latest.received, POLL).toEqual(new Map([['a', ['new']]]))
      await expect.poll(() => dated.received, POLL).toEqual(new Map([['a', ['new']]]))
      await expect.poll(() => all.received, POLL).toEqual(new Map([['a', ['old', 'new']]]))
    },
    TEST_MS,
  )

  it(
    'of streams of one name in other accounts and regions do not mix',
    async () => {
      const name = `twin-${randomUUID()}`
      const places = [
        streams.place,
        { ...streams.place, region: 'eu-west-1' },
        { ...streams.place, accessKeyId: '111111111111' },
      ]
      const twins: { readonly arn: string; readonly source: RunningSource; readonly value: string }[] = []
      for (const [number, place] of places.entries()) {
        const there = await TestStreams.at(place)
        await there.create(1, name)
        const arn = await there.arnOf(name)
        const value = `for ${arn}`
        await there.put(name, 'key', value)
        there.close()
        // The region of the ARN counts, whatever the ingress says of its own.
        const region = number === 1 ? 'us-east-1' : place.region
        const source = await start(name, { streamArn: arn }, undefined, { ...place, region })
        twins.push({ arn, source, value })
      }
      expect(new Set(twins.map(({ arn }) => arn)).size).toBe(3)
      for (const { arn, source, value } of twins) {
        await expect.poll(() => source.received, POLL).toEqual(new Map([['key', [value]]]))
        expect([...source.positions.keys()]).toEqual([expect.stringMatching(`^${arn}/shardId-`)])
      }
    },
    TEST_MS,
  )
})

describe('enhanced fan-out', () => {
  it(
    'hands out records, also over a restart',
    async () => {
      const stream = await streams.create(2)
      await putNumbers(stream, 0, 3)
      const clientConfigProperties = [
        ['source.reader.type', 'EFO'],
        ['source.efo.consumer.name', 'test'],
      ] as const
      const first = await start(stream, { clientConfigProperties })
      await putNumbers(stream, 3, 6)
      await expect.poll(() => first.received, POLL).toEqual(everyKey(numbers(0, 6)))
      await first.stop()
      await putNumbers(stream, 6, 8)
      const second = await start(stream, { clientConfigProperties }, first.positions)
      await expect.poll(() => second.received, POLL).toEqual(everyKey(numbers(6, 8)))
      expect([...first.failures, ...second.failures]).toEqual([])
    },
    TEST_MS,
  )
})

describe('troubles', () => {
  it(
    'such as calls that are refused as too many are waited out',
    async () => {
      await using proxy = await ThrottlingProxy.to(streams.place.endpoint, 'GetRecords')
      const stream = await streams.create()
      const place = { ...streams.place, endpoint: proxy.endpoint }
      const source = await start(stream, {}, undefined, place)
      for (let round = 0; round < 5; round++) await putNumbers(stream, round * 2, round * 2 + 2)
      await expect.poll(() => source.received, POLL).toEqual(everyKey(numbers(0, 10)))
      expect(proxy.refused).toBeGreaterThan(0)
      expect(source.failures).toEqual([])
      expect(
        source.context.metric('KinesisSourceReader.numThrottledCalls{ingress="test/ingress"}'),
      ).toBeGreaterThan(0)
    },
    TEST_MS,
  )

  it(
    'such as a stream that is not there end the start',
    async () => {
      const name = `none-${randomUUID()}`
      await expect(start(name)).rejects.toMatchObject({
        code: 'SF_KINESIS_NO_STREAM',
        where: `stream [${name}]`,
      })
    },
    TEST_MS,
  )
})
