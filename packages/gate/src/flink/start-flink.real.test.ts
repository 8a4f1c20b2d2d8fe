import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Producer, stringSerializers } from '@platformatic/kafka'
import { loadModule, type SourcePartition, silentLogger } from '@statefun/engine'
import { kafkaConnector } from '@statefun/kafka'
import { StatefunError } from '@statefun/protocol'
import { defineFunction, type FunctionServer, kafkaEgress, serve, textType, types } from '@statefun/sdk'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createTopic } from '../kafka/create-topic.ts'
import type { FlinkCluster } from './flink-cluster.ts'
import { startFlink } from './start-flink.ts'

const id = crypto.randomUUID()
const [INPUT, OUTPUT] = [`flink-in-${id}`, `flink-out-${id}`]
const folder = mkdtempSync(join(tmpdir(), 'statefun-flink-test-'))
const bootstrap = inject('kafkaBootstrap')

const counter = defineFunction({
  type: 'test/counter',
  state: { total: types.long },
  accepts: [textType('test/text')],
  handle(ctx) {
    const total = (ctx.state.total ?? 0n) + 1n
    ctx.state.total = total
    ctx.emit(kafkaEgress('test/out', { topic: OUTPUT }), { key: ctx.self.id, value: String(total) })
  },
})

const moduleText = (url: string) => `kind: io.statefun.endpoints.v2/http
spec:
  functions: test/*
  urlPathTemplate: ${url}
---
kind: io.statefun.kafka.v1/ingress
spec:
  id: test/in
  address: ${bootstrap}
  consumerGroupId: ${id}
  startupPosition: { type: earliest }
  topics:
    - { topic: ${INPUT}, valueType: test/text, targets: [test/counter] }
---
kind: io.statefun.kafka.v1/egress
spec:
  id: test/out
  address: ${bootstrap}
  deliverySemantic: { type: exactly-once, transactionTimeout: 10min }
`

function moduleFile(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

async function produce(count: number): Promise<void> {
  const producer = new Producer({
    clientId: 'test',
    bootstrapBrokers: [bootstrap],
    serializers: stringSerializers,
  })
  const messages = Array.from({ length: count }, (_, index) => ({
    topic: INPUT,
    key: index % 2 === 0 ? 'even' : 'odd',
    value: 'x',
  }))
  await producer.send({ messages, acks: -1 })
  await producer.close()
}

/** What a reader of committed results has seen of each key, in order. */
const seen = { even: [] as number[], odd: [] as number[] }

async function readResults(): Promise<() => Promise<void>> {
  const text = moduleText('http://127.0.0.1:1/')
    .replace(INPUT, OUTPUT)
    .replace('  topics:', '  properties: [isolation.level: read_committed]\n  topics:')
  const { ingresses } = loadModule(text, { file: 'module.yaml', env: {} })
  const [ingress] = ingresses
  if (ingress === undefined) throw new Error('no ingress')
  const source = kafkaConnector().createSource(ingress, {
    app: 'test',
    logger: silentLogger,
    metrics: {
      counter: () => ({ inc() {} }),
      gauge() {},
      histogram: () => ({ observe() {} }),
      render: async () => '',
    },
  })
  const ready = (partition: SourcePartition) => {
    while (partition.next()) {
      seen[partition.id() === 'even' ? 'even' : 'odd'].push(Number(Buffer.from(partition.value())))
    }
  }
  await source?.start({ added() {}, ready, failed() {} }, new Map())
  return async () => source?.stop()
}

let functions: FunctionServer
let flink: FlinkCluster
let stopReading: () => Promise<void>
beforeAll(async () => {
  functions = await serve([counter], { port: 0, host: '127.0.0.1', path: '/statefun', signals: [] })
  for (const topic of [INPUT, OUTPUT]) await createTopic(bootstrap, topic, {})
  stopReading = await readResults()
  flink = await startFlink({
    module: moduleFile('module.yaml', moduleText(`${functions.url}/statefun`)),
    checkpointIntervalMs: 500,
  })
}, 300_000)
afterAll(async () => {
  await flink?.stop()
  await stopReading?.()
  await functions?.close()
  rmSync(folder, { recursive: true })
})

test('a TypeScript function counts on Flink, exactly once across the death of its TaskManager', {
  timeout: 180_000,
}, async () => {
  await produce(10)
  await expect.poll(() => seen, { timeout: 60_000 }).toEqual({ even: [1, 2, 3, 4, 5], odd: [1, 2, 3, 4, 5] })
  expect(await flink.job()).toMatchObject({ state: 'RUNNING', tasksRunning: true, restored: 0 })
  const killed = flink.pids.taskManager
  await flink.killTaskManager()
  expect(flink.pids.taskManager).toBeUndefined()
  await produce(4)
  await flink.startTaskManager()
  expect(flink.pids.taskManager).not.toBe(killed)
  await expect
    .poll(() => seen, { timeout: 60_000 })
    .toEqual({ even: [1, 2, 3, 4, 5, 6, 7], odd: [1, 2, 3, 4, 5, 6, 7] })
  expect(await flink.job()).toMatchObject({ restored: 1 })
  expect(readdirSync(flink.checkpointDir)).toHaveLength(1)
})

test('stop leaves no process and no folder', async () => {
  const { jobManager, taskManager } = flink.pids
  await flink.stop()
  for (const pid of [jobManager, taskManager]) expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH')
  expect(existsSync(flink.checkpointDir)).toBe(false)
})

test('a module that Flink refuses is reported with the reason from its log', async () => {
  const error = await startFlink({ module: moduleFile('wrong.yaml', 'kind: no.such/kind\nspec: {}\n') }).then(
    () => undefined,
    (thrown: unknown) => StatefunError.from(thrown),
  )
  expect(error?.code).toBe('SF_GATE_START_FAILED')
  expect(error?.excerpt).toContain('TypeName(no.such, kind)')
  rmSync(join(error?.where ?? '', '..'), { recursive: true })
})
