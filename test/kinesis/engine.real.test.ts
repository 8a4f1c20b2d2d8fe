import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Engine, loadModule, startEngine } from '@statefun/engine'
import { type LocalStack, startLocalStack } from '@statefun/gate'
import { kinesisConnector } from '@statefun/kinesis'
import { s3Places } from '@statefun/s3'
import { defineFunction, kinesisEgress, textType, types } from '@statefun/sdk'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { RecordedLog } from '../../packages/kafka/test/kit.ts'
import { aggregate } from '../../packages/kinesis/test/aggregate.ts'
import { readStream } from '../../packages/kinesis/test/stream-reader.ts'
import { START_MS, TestStreams } from '../../packages/kinesis/test/test-streams.ts'
import { TcpProxy } from '../../packages/s3/test/tcp-proxy.ts'

const TEST_MS = 300_000
const POLL = { timeout: 150_000, interval: 50 }
const KEYS = 20
const OUTAGE_MS = 20_000

/** One of its own: a test freezes it. */
let aws: LocalStack
let streams: TestStreams
const ends: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  aws = await startLocalStack()
  const { endpoint, credentials, region } = aws
  streams = await TestStreams.at({ endpoint, accessKeyId: credentials.accessKeyId, region })
}, START_MS)
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
afterAll(async () => {
  streams?.close()
  await aws?.stop()
})

/** An app: it counts the records of each id, and emits the count with the record's number. */
class CounterApp {
  readonly log = new RecordedLog()
  readonly commands: string
  readonly results: string
  readonly place: string
  readonly #engines: Engine[] = []

  private constructor(commands: string, results: string, place: string) {
    this.commands = commands
    this.results = results
    this.place = place
  }

  static async make(shards = 2): Promise<CounterApp> {
    const bucket = `test-${randomUUID()}`
    await aws.createBucket(bucket)
    const [commands, results] = [`commands-${randomUUID()}`, `results-${randomUUID()}`]
    await Promise.all([aws.createStream(commands, { shards }), aws.createStream(results)])
    return new CounterApp(commands, results, `s3://${bucket}/app?endpoint=${aws.endpoint}`)
  }

  /** All that it keeps is in the bucket: every start is one on an empty disk. */
  async start(endpoint = aws.endpoint): Promise<Engine> {
    const { credentials } = aws
    const text = textType('test/text')
    const out = kinesisEgress('test/out', { stream: this.results })
    const counter = defineFunction({
      type: 'test/counter',
      state: { total: types.long },
      accepts: [text],
      handle(ctx, number) {
        const total = (ctx.state.total ?? 0n) + 1n
        ctx.state.total = total
        // Within a key numbers count up from 0: the total is always one more.
        const order = total === BigInt(number) + 1n ? 'in order' : 'out of order'
        ctx.emit(out, { partitionKey: ctx.self.id, value: `${ctx.self.id} ${total} ${order}` })
      },
    })
    const engine = await startEngine({
      app: 'counter',
      module: loadModule(this.#module(endpoint), { file: 'module.yaml' }),
      functions: [counter],
      connectors: [kinesisConnector()],
      checkpoint: {
        place: this.place,
        interval: 100,
        resolvers: [s3Places({ credentials, logger: this.log })],
      },
      restart: { delayMs: 100 },
      logger: this.log,
    })
    this.#engines.push(engine)
    ends.push(() => engine.kill())
    return engine
  }

  /** Of every key, -1 when it has none. */
  totals(engine: Engine): number[] {
    return keys().map((key) => {
      const [entry] = engine.state('test/counter', key)
      return entry === undefined ? -1 : Number(types.long.deserialize(entry.value))
    })
  }

  /** The different results: at least once means that some may be there twice. */
  async emitted(): Promise<string[]> {
    const records = await readStream(streams.client, this.results)
    return [...new Set(records.map(({ data }) => Buffer.from(data).toString()))].sort()
  }

  #module(endpoint: string): string {
    const { region, credentials } = aws
    const client = `
  awsRegion: { type: custom-endpoint, endpoint: ${endpoint}, id: ${region} }
  awsCredentials: { type: basic, accessKeyId: ${credentials.accessKeyId}, secretAccessKey: ${credentials.secretAccessKey} }`
    return `
kind: io.statefun.endpoints.v2/http
spec:
  functions: test/*
  urlPathTemplate: http://127.0.0.1:1/
---
kind: io.statefun.kinesis.v1/ingress
spec:
  id: test/in${client}
  startupPosition: { type: earliest }
  streamArn: arn:aws:kinesis:${region}:000000000000:stream/${this.commands}
  streams:
    - { stream: ${this.commands}, valueType: test/text, targets: [test/counter] }
---
kind: io.statefun.kinesis.v1/egress
spec:
  id: test/out${client}
  streamName: ${this.results}
`
  }
}

const keys = () => Array.from({ length: KEYS }, (_, key) => `key-${key}`)
const all = (total: number) => keys().map(() => total)
const results = (totals: number) =>
  keys()
    .flatMap((key) => Array.from({ length: totals }, (_, i) => `${key} ${i + 1} in order`))
    .sort()

/** The numbers from `from` to before `to`, each to every key; every third time as an aggregate for each. */
async function putNumbers(stream: string, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++) {
    const value = Buffer.from(String(number))
    const data = (partitionKey: string) =>
      number % 3 === 0 ? aggregate([{ partitionKey, data: value }]) : value
    await streams.putAll(
      stream,
      keys().map((partitionKey) => ({ partitionKey, data: data(partitionKey) })),
    )
  }
}

describe('an engine between two streams of Kinesis, with its checkpoint in S3', () => {
  it(
    'counts right while shards are split and merged, over kills and on an empty disk',
    async () => {
      const app = await CounterApp.make()
      const first = await app.start()
      await putNumbers(app.commands, 0, 8)
      await streams.split(app.commands)
      await putNumbers(app.commands, 8, 12)
      await expect.poll(() => Math.min(...app.totals(first)), POLL).toBeGreaterThan(2)
      await first.kill()
      await streams.merge(app.commands)
      await putNumbers(app.commands, 12, 16)
      const second = await app.start()
      await streams.split(app.commands)
      await putNumbers(app.commands, 16, 20)
      await expect.poll(() => app.totals(second), POLL).toEqual(all(20))
      await second.checkpoint()
      await second.kill()
      const third = await app.start()
      expect(app.totals(third)).toEqual(all(20))
      await putNumbers(app.commands, 20, 22)
      await expect.poll(() => app.totals(third), POLL).toEqual(all(22))
      await expect.poll(() => app.emitted(), POLL).toEqual(results(22))
      expect(third.restarts).toBe(0)
    },
    TEST_MS,
  )

  it(
    'waits while the endpoint is away for 20 s, frozen or refusing, and loses nothing',
    async () => {
      const app = await CounterApp.make()
      const proxy = await TcpProxy.to(aws.endpoint)
      ends.push(() => proxy.close())
      const engine = await app.start(proxy.endpoint)
      await putNumbers(app.commands, 0, 4)
      await expect.poll(() => app.totals(engine), POLL).toEqual(all(4))
      proxy.cut()
      await putNumbers(app.commands, 4, 8)
      await sleep(OUTAGE_MS)
      expect(app.totals(engine)).toEqual(all(4))
      proxy.restore()
      await expect.poll(() => app.totals(engine), POLL).toEqual(all(8))
      await putNumbers(app.commands, 8, 10)
      aws.pause()
      await sleep(OUTAGE_MS)
      aws.resume()
      await putNumbers(app.commands, 10, 12)
      await expect.poll(() => app.totals(engine), POLL).toEqual(all(12))
      await expect.poll(() => app.emitted(), POLL).toEqual(results(12))
      expect(engine.restarts).toBe(0)
    },
    TEST_MS,
  )
})
