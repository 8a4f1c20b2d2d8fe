// `npm start`: the counter and the greeter on the embedded engine, with topics in this process. No broker, no server.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create, toBinary } from '@bufbuild/protobuf'
import {
  MemoryTopics,
  memoryConnector,
  readModuleFile,
  startEngine,
  type TopicRecord,
} from '@statefun/engine'
import { types } from '@statefun/sdk'
import { CounterCommand, CounterResult } from './counter/counter.ts'
import { functions } from './counter/functions.ts'
import { CounterCommandSchema } from './counter/gen/counter_pb.ts'
import { formatTable } from './table.ts'

const ADDITIONS = [
  ['alice', 5n],
  ['bob', 1n],
  ['alice', 2n],
  ['bob', 40n],
  ['alice', -3n],
] as const
const NAMES = ['Alice', 'Bob']
const TIMEOUT_MS = 15_000

const topics = new MemoryTopics()
const checkpoints = await mkdtemp(join(tmpdir(), 'statefun-start-'))
const engine = await startEngine({
  app: 'counter',
  module: await readModuleFile(join(import.meta.dirname, 'counter', 'module.yaml')),
  functions,
  connectors: [memoryConnector(topics)],
  checkpoint: { dir: checkpoints },
  restart: { attempts: 0 },
})

try {
  console.log(
    'Two functions on the embedded engine, wired by examples/counter/module.yaml to topics in this process.\n',
  )
  const totals = collect('counter.results', ADDITIONS.length)
  const greetings = collect('greeter.results', NAMES.length)

  ADDITIONS.forEach(([id, delta], index) => {
    topics.produce('counter.commands', {
      key: id,
      value: toBinary(CounterCommandSchema, create(CounterCommandSchema, { id, delta })),
      headers: [{ key: 'trace-id', value: new TextEncoder().encode(`t${index + 1}`) }],
    })
  })
  for (const name of NAMES) {
    topics.produce('greeter.commands', { key: name.toLowerCase(), value: JSON.stringify({ name }) })
  }

  // Results keep the order of their key's commands; different keys do not wait for each other.
  const commands = readAll('counter.commands').map((record) => CounterCommand.deserialize(record.value!))
  const nextDelta = (id: string) =>
    commands.splice(
      commands.findIndex((command) => command.id === id),
      1,
    )[0]?.delta
  console.log('counter.kafka/fn adds up protobuf commands by key and hands headers on:\n')
  console.log(
    formatTable(
      ['key', 'command', 'total', 'headers'],
      (await totals).map((record) => [
        text(record.key),
        `delta ${nextDelta(text(record.key))}`,
        String(CounterResult.deserialize(record.value!).total),
        record.headers.map(({ key, value }) => `${key}=${text(value)}`).join(' '),
      ]),
    ),
  )

  console.log('\ngreeter/fn answers JSON requests:\n')
  const requests = readAll('greeter.commands')
  console.log(
    formatTable(
      ['key', 'command', 'greeting'],
      (await greetings).map((record, index) => [
        text(record.key),
        text(requests[index]?.value ?? null),
        text(record.value),
      ]),
    ),
  )

  console.log('\nWhat counter.kafka/fn remembers:\n')
  console.log(
    formatTable(
      ['id', 'state', 'value', 'type'],
      [...new Set(ADDITIONS.map(([id]) => id))].flatMap((id) =>
        engine
          .state('counter.kafka/fn', id)
          .map((entry) => [id, entry.name, String(types.long.deserialize(entry.value)), entry.typename]),
      ),
    ),
  )

  console.log(`
Try next:
  npm test                              all tests, with a real Kafka
  npm run example:kafka                 the same counter on a real Kafka, killed halfway
  npm run example:kinesis               the counter on Kinesis and S3 of LocalStack, killed halfway
  npx statefun init examples/my-app     an app of your own; then: npm install, cd examples/my-app, npm run dev
  cd examples/counter && npm start      this app, reloaded when you change it; from another terminal there:
    npx statefun send counter.commands --key alice --json '{"id":"alice","delta":5}'`)
} finally {
  await engine.stop()
  topics.close()
  await rm(checkpoints, { recursive: true, force: true })
}

/** Waits for records of a topic. */
function collect(topic: string, count: number): Promise<TopicRecord[]> {
  const records: TopicRecord[] = []
  const arrived = new Promise<TopicRecord[]>((resolve) => {
    const stop = topics.tail(topic, 'earliest', (record) => {
      records.push(record)
      if (records.length < count) return
      stop()
      resolve(records)
    })
  })
  const tooLate = new Promise<never>((_, reject) => {
    setTimeout(
      () => reject(new Error(`${records.length} of ${count} records in ${topic}`)),
      TIMEOUT_MS,
    ).unref()
  })
  const failed = engine.failed.then((error) => {
    throw error
  })
  return Promise.race([arrived, tooLate, failed])
}

function readAll(topic: string): TopicRecord[] {
  const cursor = topics.cursor(topic, 'earliest')
  const records: TopicRecord[] = []
  for (let record = cursor.next(); record !== undefined; record = cursor.next()) records.push(record)
  return records
}

function text(bytes: Uint8Array | null): string {
  return bytes === null ? 'null' : new TextDecoder().decode(bytes)
}
