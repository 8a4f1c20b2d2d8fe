import {
  type Engine,
  type Logger,
  loadModule,
  MemoryTopics,
  memoryConnector,
  startEngine,
} from '@statefun/engine'
import { s3Places } from '@statefun/s3'
import { defineFunction, types } from '@statefun/sdk'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeWorkFolder, runCli } from '../../packages/cli/test/run-cli.ts'
import { makeBucket, proxyOf, START_MS, type TestBucket } from '../../packages/s3/test/bucket.ts'

const MODULE = `
kind: io.statefun.endpoints.v2/http
spec:
  functions: shop/*
  urlPathTemplate: http://127.0.0.1:1/statefun
---
kind: io.statefun.kafka.v1/ingress
spec:
  id: shop/in
  address: unused:9092
  consumerGroupId: shop
  startupPosition: { type: earliest }
  topics:
    - { topic: items, valueType: io.statefun.types/string, targets: [shop/cart] }
`

const cart = defineFunction({
  type: 'shop/cart',
  state: { total: types.long },
  accepts: [types.string],
  handle(ctx) {
    ctx.state.total = (ctx.state.total ?? 0n) + 1n
  },
})

let bucket: TestBucket
let topics: MemoryTopics
let lines: string[]
const engines: Engine[] = []
beforeAll(async () => {
  bucket = await makeBucket()
}, START_MS)
beforeEach(() => {
  topics = new MemoryTopics()
  lines = []
})
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.kill()
  topics.close()
})

async function start(place: string, compactAfterBytes = 64 * 1024 * 1024): Promise<Engine> {
  const note = (_fields: object, message: string) => void lines.push(message)
  const logger: Logger = { debug: note, info: note, warn: note, error: note }
  const engine = await startEngine({
    app: 'shop',
    module: loadModule(MODULE, { file: 'module.yaml' }),
    functions: [cart],
    connectors: [memoryConnector(topics)],
    checkpoint: {
      place,
      interval: 20,
      compactAfterBytes,
      resolvers: [s3Places({ credentials: bucket.credentials, logger, attemptTimeoutMs: 1000 })],
    },
    restart: { delayMs: 10 },
    logger,
  })
  engines.push(engine)
  return engine
}

/** Sends `count` items to each of ten carts. */
function send(count: number): void {
  for (let at = 0; at < count * 10; at++) {
    topics.produce('items', {
      key: Buffer.from(`cart ${at % 10}`),
      value: types.string.serialize('x'),
      headers: [],
    })
  }
}

function totals(engine: Engine): unknown[] {
  return Array.from({ length: 10 }, (_, at) => {
    const [entry] = engine.state('shop/cart', `cart ${at}`)
    return entry === undefined ? undefined : Number(types.long.deserialize(entry.value))
  })
}

const all = (total: number) => Array.from({ length: 10 }, () => total)
const TIMEOUT_MS = 120_000

describe('an engine with its checkpoint in S3', () => {
  it(
    'goes on where it was after kills and stops, also from snapshots',
    async () => {
      for (let run = 1; run <= 4; run++) {
        const engine = await start(bucket.url('runs'), run === 3 ? 1 : undefined)
        send(50)
        await expect.poll(() => totals(engine)).toEqual(all(50 * run))
        await engine.checkpoint()
        await engine.checkpoint()
        if (run % 2 === 0) await engine.stop()
        else await engine.kill()
      }
    },
    TIMEOUT_MS,
  )

  it(
    'works on while the endpoint is gone, and loses nothing',
    async () => {
      const proxy = await proxyOf(bucket.endpoint)
      const engine = await start(bucket.url('outage', proxy.endpoint))
      for (const [round, fault] of (['cut', 'freeze', 'swallowAnswers'] as const).entries()) {
        proxy[fault]()
        send(20)
        await expect.poll(() => totals(engine)).toEqual(all(20 * (round + 1)))
        const checkpoint = engine.checkpoint()
        await new Promise((resolve) => setTimeout(resolve, 3000))
        proxy.restore()
        await checkpoint
      }
      expect(engine.restarts).toBe(0)
      expect(lines.filter((line) => line.includes('does not answer'))).toHaveLength(3)
      await engine.kill()
      expect(totals(await start(bucket.url('outage')))).toEqual(all(60))
    },
    TIMEOUT_MS,
  )

  it(
    'gives way to one that is started beside it',
    async () => {
      const older = await start(bucket.url('two'))
      send(5)
      await expect.poll(() => totals(older)).toEqual(all(5))
      await older.checkpoint()
      const newer = await start(bucket.url('two'))
      send(5)
      await expect(older.failed).resolves.toMatchObject({
        code: 'SF_ENGINE_FENCED',
        where: expect.stringMatching(/^s3:\/\/.*\/two\/log-\d{16}\.sflog$/),
      })
      await expect.poll(() => totals(newer)).toEqual(all(10))
    },
    TIMEOUT_MS,
  )

  it(
    'is looked into, copied and restored by the command',
    async () => {
      const engine = await start(bucket.url('app'), 1)
      send(5)
      await expect.poll(() => totals(engine)).toEqual(all(5))
      await engine.checkpoint()
      await engine.savepoint(bucket.url('savepoint'))
      await engine.stop()
      const work = makeWorkFolder()
      const { credentials } = bucket
      const before = { ...process.env }
      process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId
      process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey
      try {
        const run = (...args: string[]) => runCli(args, { cwd: work.path })
        const listed = await run('checkpoint', 'list', bucket.url('app'), '--json')
        expect(listed).toMatchObject({ code: 0, stderr: '' })
        const verified = await run('checkpoint', 'verify', bucket.url('app'))
        expect(verified.code).toBe(0)
        const restored = await run(
          'savepoint',
          'restore',
          bucket.url('savepoint'),
          '--to',
          bucket.url('copy'),
        )
        expect(restored).toMatchObject({ code: 0 })
        expect(totals(await start(bucket.url('copy')))).toEqual(all(5))
        const missing = await run('checkpoint', 'list', `s3://never-was/app?endpoint=${bucket.endpoint}`)
        expect(missing.code).not.toBe(0)
        expect(missing.stderr).toContain('SF_S3_NO_BUCKET')
      } finally {
        process.env = before
        work.remove()
      }
    },
    TIMEOUT_MS,
  )
})
