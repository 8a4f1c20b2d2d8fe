import { execFile } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import {
  Admin,
  Consumer,
  MessagesStreamModes,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka'
import { StatefunError } from '@statefun/protocol'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { freePorts } from '../process/free-ports.ts'
import type { KafkaBroker } from './kafka-broker.ts'
import { answersMetadata } from './probe.ts'
import { startKafka } from './start-kafka.ts'

async function produce(bootstrap: string, topic: string, values: readonly string[]): Promise<void> {
  const producer = new Producer({
    clientId: 'test',
    bootstrapBrokers: [bootstrap],
    serializers: stringSerializers,
  })
  await producer.send({ messages: values.map((value) => ({ topic, key: 'k', value })), acks: -1 })
  await producer.close()
}

async function consume(bootstrap: string, topic: string, count: number): Promise<string[]> {
  const consumer = new Consumer({
    clientId: 'test',
    groupId: `test-${crypto.randomUUID()}`,
    bootstrapBrokers: [bootstrap],
    deserializers: stringDeserializers,
    autocommit: false,
  })
  const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST })
  const values: string[] = []
  for await (const message of stream) {
    values.push(message.value)
    if (values.length === count) break
  }
  await consumer.close(true)
  return values
}

describe("the run's broker", () => {
  test('answers with its metadata', async () => {
    expect(await answersMetadata(Number(inject('kafkaBootstrap').split(':')[1]))).toBe(true)
  })
})

describe('a broker of its own', () => {
  let kafka: KafkaBroker
  beforeAll(async () => {
    kafka = await startKafka({ config: { 'log.retention.hours': 1 } })
  })
  afterAll(() => kafka.stop())

  test('creates topics with partitions and settings, and says which name is taken', async () => {
    await kafka.createTopic('shapes', { partitions: 3, config: { 'cleanup.policy': 'compact' } })
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [kafka.bootstrap] })
    const metadata = await admin.metadata({ topics: ['shapes'] })
    await admin.close()
    expect(metadata.topics.get('shapes')?.partitionsCount).toBe(3)
    await expect(kafka.createTopic('shapes')).rejects.toMatchObject({
      code: 'SF_GATE_KAFKA_ADMIN',
      message: expect.stringContaining('topic [shapes]'),
    })
  })

  test('keeps acknowledged records over a kill and a restart, on the same port', async () => {
    await kafka.createTopic('durable')
    await produce(kafka.bootstrap, 'durable', ['a', 'b'])
    const { bootstrap, pid } = kafka
    await kafka.kill()
    expect(kafka.pid).toBeUndefined()
    expect(await answersMetadata(Number(bootstrap.split(':')[1]))).toBe(false)
    await kafka.restart()
    expect(kafka.bootstrap).toBe(bootstrap)
    expect(kafka.pid).not.toBe(pid)
    await produce(kafka.bootstrap, 'durable', ['c'])
    expect(await consume(kafka.bootstrap, 'durable', 3)).toEqual(['a', 'b', 'c'])
  })

  test('answers nothing while paused and goes on when resumed', async () => {
    const port = Number(kafka.bootstrap.split(':')[1])
    kafka.pause()
    await expect.poll(() => answersMetadata(port), { timeout: 10_000 }).toBe(false)
    kafka.resume()
    await expect.poll(() => answersMetadata(port), { timeout: 10_000 }).toBe(true)
  })
})

test('stop leaves no process and no folder, and the broker cannot come back', async () => {
  const kafka = await startKafka()
  const { pid, logPath } = kafka
  expect(readFileSync(logPath, 'utf8')).toContain('Kafka Server started')
  await kafka.stop()
  expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH')
  expect(existsSync(dirname(logPath))).toBe(false)
  await expect(kafka.restart()).rejects.toMatchObject({ code: 'SF_GATE_STOPPED' })
})

test('a setting that Kafka refuses is reported with the end of its log', async () => {
  const error = await startKafka({ config: { 'num.io.threads': 'many' } }).then(
    () => undefined,
    (thrown: unknown) => StatefunError.from(thrown),
  )
  expect(error?.code).toBe('SF_GATE_START_FAILED')
  expect(error?.excerpt).toContain('num.io.threads')
  const logPath = error?.where ?? ''
  expect(readFileSync(logPath, 'utf8')).toContain('num.io.threads')
  rmSync(dirname(logPath), { recursive: true })
})

test('a port that is taken is named by the error', async () => {
  const taken = inject('kafkaBootstrap')
  const controller = await freePorts(1)
  const error = await startKafka({
    config: {
      listeners: `PLAINTEXT://${taken},CONTROLLER://127.0.0.1:${controller[0]}`,
      'controller.quorum.voters': `1@127.0.0.1:${controller[0]}`,
    },
  }).then(
    () => undefined,
    (thrown: unknown) => StatefunError.from(thrown),
  )
  expect(error?.code).toBe('SF_GATE_START_FAILED')
  expect(error?.excerpt).toContain(`bind to ${taken}: Address already in use`)
  rmSync(dirname(error?.where ?? ''), { recursive: true })
})

test('an unknown release is refused with the nearest known one', async () => {
  await expect(startKafka({ version: '3.9.0' })).rejects.toMatchObject({
    code: 'SF_GATE_KAFKA_VERSION',
    hint: expect.stringContaining('3.9.1'),
  })
})

test('the broker and its folder go when the process that started it is killed', async () => {
  const script = `
    import { startKafka } from ${JSON.stringify(new URL('./start-kafka.ts', import.meta.url).href)}
    const kafka = await startKafka()
    process.stdout.write(JSON.stringify({ pid: kafka.pid, logPath: kafka.logPath }), () => process.kill(process.pid, 'SIGKILL'))`
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  const { stdout } = await run.catch((error: { stdout: string }) => error)
  const { pid, logPath } = JSON.parse(stdout)
  await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false)
  await expect.poll(() => existsSync(dirname(logPath)), { timeout: 5_000 }).toBe(false)
})

/** Nobody may have collected the end of an orphan yet, which counts as gone. */
function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

test('SASL and TLS listeners let in whom they should', async () => {
  const { certificate, privateKey } = await selfSigned()
  await using kafka = await startKafka({ users: { alice: 'se"cret' }, tls: { certificate, privateKey } })
  const connect = async (endpoint: string | undefined, options: object) => {
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [endpoint ?? ''], retries: 0, ...options })
    try {
      return (await admin.metadata({ topics: [] })).brokers.size
    } finally {
      await admin.close()
    }
  }
  const alice = { mechanism: 'PLAIN', username: 'alice', password: 'se"cret' }
  const tls = { ca: certificate }
  expect(await connect(kafka.endpoints.SASL_PLAINTEXT, { sasl: alice })).toBe(1)
  expect(await connect(kafka.endpoints.SSL, { tls })).toBe(1)
  expect(await connect(kafka.endpoints.SASL_SSL, { tls, sasl: alice })).toBe(1)
  await expect(
    connect(kafka.endpoints.SASL_SSL, { tls, sasl: { ...alice, password: 'x' } }),
  ).rejects.toThrow()
})

async function selfSigned(): Promise<{ certificate: string; privateKey: string }> {
  const { stdout } = await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', '-', '-out', '-'],
  ])
  const block = (name: string) =>
    new RegExp(`-----BEGIN ${name}-----[^]+?-----END ${name}-----`).exec(stdout)?.[0] ?? ''
  return { certificate: block('CERTIFICATE'), privateKey: block('PRIVATE KEY') }
}
