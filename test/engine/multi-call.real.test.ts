import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Engine, loadModule, MemoryTopics, memoryConnector, startEngine } from '@statefun/engine'
import { defineFunction, kafkaEgress, type NodeHandler, textType, toNodeHandler, types } from '@statefun/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkTotals, spread } from './kit/totals.ts'

const MULTI_CALL = 'application/vnd.statefun.multi-call'
const RECORDS = 6000
const KEYS = 1500
const text = textType('test/text')
const out = kafkaEgress('test/out', { topic: 'results' })
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Counts the records of its key; `disturb` may wait or throw. */
const counterThat = (disturb: () => void | Promise<void>) =>
  defineFunction({
    type: 'test/counter',
    state: { total: types.long },
    accepts: [text],
    async handle(ctx) {
      await disturb()
      const total = (ctx.state.total ?? 0n) + 1n
      ctx.state.total = total
      ctx.emit(out, { key: ctx.self.id, value: String(total) })
    },
  })

let folder: string
let topics: MemoryTopics
let server: Server
let engine: Engine
/** Answers requests; may be exchanged while the engine runs. */
let handle: NodeHandler
const requests = { single: 0, several: 0 }

const isSeveral = ({ headers }: IncomingMessage) => headers['content-type'] === MULTI_CALL

beforeEach(async () => {
  Object.assign(requests, { single: 0, several: 0 })
  folder = await mkdtemp(join(tmpdir(), 'statefun-multi-call-'))
  topics = new MemoryTopics({ partitions: 2 })
  server = createServer((request, response) => {
    requests[isSeveral(request) ? 'several' : 'single']++
    handle(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await engine.stop()
  topics.close()
  server.close()
  server.closeAllConnections()
  await rm(folder, { recursive: true, force: true })
})

async function count(endpoint = ''): Promise<void> {
  const { order, counts } = spread(RECORDS, KEYS)
  const module = `
kind: io.statefun.endpoints.v2/http
spec:
  functions: test/*
  urlPathTemplate: http://127.0.0.1:${(server.address() as AddressInfo).port}/
  ${endpoint}
---
kind: io.statefun.kafka.v1/ingress
spec:
  id: test/in
  address: unused:9092
  consumerGroupId: test
  startupPosition: { type: earliest }
  topics: [{ topic: commands, valueType: test/text, targets: [test/counter] }]
---
kind: io.statefun.kafka.v1/egress
spec: { id: test/out, address: unused:9092 }
`
  engine = await startEngine({
    app: 'test',
    module: loadModule(module, { file: 'module.yaml' }),
    connectors: [memoryConnector(topics)],
    checkpoint: { dir: folder, intervalMs: 20 },
  })
  for (const [index, key] of order.entries()) topics.produce('commands', { key, value: String(index) })
  const cursor = topics.cursor('results', 'earliest')
  const emitted = new Map<string, string[]>()
  let read = 0
  await expect
    .poll(
      () => {
        for (let record = cursor.next(); record !== undefined; record = cursor.next()) {
          read++
          const key = Buffer.from(record.key ?? []).toString()
          emitted.set(key, [...(emitted.get(key) ?? []), Buffer.from(record.value ?? []).toString()])
        }
        return read
      },
      { timeout: 50_000 },
    )
    .toBeGreaterThanOrEqual(RECORDS)
  expect(read).toBe(RECORDS)
  checkTotals(emitted, counts, 0)
}

test('the engine sends many calls in few requests to a server of this SDK', async () => {
  handle = toNodeHandler([counterThat(() => undefined)], { logger: quiet })
  await count()
  expect(requests.several).toBeGreaterThan(0)
  expect(requests.single + requests.several).toBeLessThan(RECORDS / 2)
})

test.each([
  ['the endpoint', 'multiCall: false', undefined],
  ['the server', '', false],
])('each call is a request of its own when %s says so', async (_, endpoint, multiCall) => {
  handle = toNodeHandler([counterThat(() => undefined)], {
    logger: quiet,
    ...(multiCall === undefined ? {} : { multiCall }),
  })
  await count(endpoint)
  expect(requests.several).toBe(0)
})

test('functions that fail and wait at random, and connections that break, cost no message', async () => {
  const counter = counterThat(async () => {
    if (Math.random() < 0.02) throw new Error('failed at random')
    if (Math.random() < 0.02) await new Promise((resolve) => setTimeout(resolve, 30 * Math.random()))
  })
  const working = toNodeHandler([counter], { logger: quiet })
  handle = (request, response) => {
    if (isSeveral(request) && Math.random() < 0.1) {
      setTimeout(() => request.socket.destroy(), 5 * Math.random())
    }
    working(request, response)
  }
  await count()
  expect(requests.several).toBeGreaterThan(0)
})

test('a server of an older version among others costs no message', async () => {
  const counter = counterThat(() => undefined)
  const current = toNodeHandler([counter], { logger: quiet })
  const older = toNodeHandler([counter], { logger: quiet, multiCall: false })
  handle = (request, response) => (Math.random() < 0.3 ? older : current)(request, response)
  await count()
  expect(requests.several).toBeGreaterThan(0)
})
