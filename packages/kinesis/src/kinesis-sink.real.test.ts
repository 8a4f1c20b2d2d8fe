import type { KinesisClient } from '@aws-sdk/client-kinesis'
import type { KinesisEgressDefinition, Sink } from '@statefun/engine'
import { type LocalStack, startLocalStack } from '@statefun/gate'
import { kinesisRecordValue, type StatefunError } from '@statefun/protocol'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { egress } from '../test/egress-definition.ts'
import { recordedContext } from '../test/recorded-context.ts'
import { readStream } from '../test/stream-reader.ts'
import { clientProperties } from './client/client-properties.ts'
import { createClient } from './client/create-client.ts'
import { readClientSettings } from './client/read-client-settings.ts'
import { kinesisSink } from './kinesis-sink.ts'

const START_MS = 600_000
const TEST_MS = 120_000

let aws: LocalStack
let client: KinesisClient
const sinks: Sink[] = []

function onLocalStack(changes: Partial<KinesisEgressDefinition> = {}): KinesisEgressDefinition {
  return egress({
    awsRegion: { type: 'custom-endpoint', endpoint: aws.endpoint, id: aws.region },
    awsCredentials: { type: 'basic', ...aws.credentials },
    ...changes,
  })
}

async function start(changes?: Partial<KinesisEgressDefinition>) {
  const sink = kinesisSink(onLocalStack(changes), recordedContext())
  sinks.push(sink)
  const failures: StatefunError[] = []
  await sink.start({ drained: () => undefined, failed: (error) => failures.push(error) })
  return { sink, failures }
}

function record(stream: string, partitionKey: string, text: string, explicitHashKey?: string) {
  return kinesisRecordValue({ stream, partitionKey, explicitHashKey, value: Buffer.from(text) })
}

beforeAll(async () => {
  aws = await startLocalStack({ services: ['kinesis'] })
  const definition = onLocalStack()
  client = await createClient(readClientSettings(definition, clientProperties(definition)))
}, START_MS)

afterEach(async () => {
  for (const sink of sinks.splice(0)) await sink.stop()
})

afterAll(async () => {
  client?.destroy()
  await aws?.stop()
})

it(
  'delivers every record, those of a key in their order',
  async () => {
    await aws.createStream('many', { shards: 2 })
    const { sink } = await start({ streamName: 'many' })
    const expected = new Map<string, string[]>()
    for (let i = 0; i < 3000; i++) {
      const key = `key-${i % 700}`
      expected.set(key, [...(expected.get(key) ?? []), `${i}`])
      sink.write(record('', key, `${i}`))
      if (i % 500 === 0) sink.nudge()
    }
    await sink.flush()
    const found = new Map<string, string[]>()
    const stored = await readStream(client, 'many')
    for (const { partitionKey, data } of stored) {
      found.set(partitionKey, [...(found.get(partitionKey) ?? []), Buffer.from(data).toString()])
    }
    expect(found).toEqual(expected)
    expect(new Set(stored.map(({ shard }) => shard)).size).toBe(2)
  },
  TEST_MS,
)

it(
  'honours stream, ARN and hash key of a record',
  async () => {
    await Promise.all([aws.createStream('own', { shards: 2 }), aws.createStream('fixed')])
    const { sink } = await start({ streamName: 'fixed' })
    const last = String(2n ** 128n - 1n)
    sink.write(record('own', 'a', 'first', '0'))
    sink.write(record(`arn:aws:kinesis:${aws.region}:000000000000:stream/own`, 'b', 'second', last))
    sink.write(record('', 'c', 'third'))
    await sink.flush()
    const own = await readStream(client, 'own')
    expect(own.map(({ shard, partitionKey }) => `${shard} ${partitionKey}`)).toEqual([
      'shardId-000000000000 a',
      'shardId-000000000001 b',
    ])
    expect(await readStream(client, 'fixed')).toMatchObject([{ partitionKey: 'c' }])
  },
  TEST_MS,
)

it(
  'fails by a stream that is not there',
  async () => {
    const { sink, failures } = await start()
    sink.write(record('nowhere', 'k', 'v'))
    await expect(sink.flush()).rejects.toMatchObject({
      code: 'SF_KINESIS_NO_STREAM',
      where: 'stream [nowhere], partition key [k], size [2]',
    })
    expect(failures).toHaveLength(1)
  },
  TEST_MS,
)

it(
  'fails by a record that the stream does not take, with its coordinates',
  async () => {
    await aws.createStream('small')
    const { sink } = await start({ clientConfigProperties: [['MaxRecordSizeInKiB', '4096']] })
    sink.write(record('small', 'k', 'x'.repeat(2 << 20)))
    await expect(sink.flush()).rejects.toMatchObject({
      code: 'SF_KINESIS_REFUSED',
      where: `stream [small], partition key [k], size [${(2 << 20) + 1}]`,
    })
  },
  TEST_MS,
)

it(
  'goes on after the service was away',
  async () => {
    await aws.createStream('away')
    const { sink, failures } = await start({ clientConfigProperties: [['RequestTimeout', '500']] })
    aws.pause()
    let flushed = false
    sink.write(record('away', 'k', '1'))
    const flush = sink.flush().then(() => {
      flushed = true
    })
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    expect(flushed).toBe(false)
    aws.resume()
    await flush
    sink.write(record('away', 'k', '2'))
    await sink.flush()
    expect(failures).toEqual([])
    const texts = (await readStream(client, 'away')).map(({ data }) => Buffer.from(data).toString())
    // The first one comes as often as it was sent before its answer was read.
    expect([...new Set(texts)]).toEqual(['1', '2'])
  },
  TEST_MS,
)
