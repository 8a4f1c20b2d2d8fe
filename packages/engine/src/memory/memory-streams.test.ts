import { type KinesisEgressRecord, kinesisRecordValue } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import type { ConnectorContext } from '../connector/connector.ts'
import { isTransactional } from '../connector/transactional-sink.ts'
import type { KinesisEgressDefinition, KinesisIngressDefinition } from '../module/model.ts'
import { memoryConnector } from './memory-connector.ts'
import { MemoryTopics } from './memory-topics.ts'

const context: ConnectorContext = {
  app: 'test',
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  metrics: {
    counter: () => ({ inc() {} }),
    gauge() {},
    histogram: () => ({ observe() {} }),
    render: async () => '',
  },
}
const location = { file: 'module.yaml', line: 1, column: 1 }
const credentials = { awsRegion: { type: 'default' }, awsCredentials: { type: 'default' } } as const

function ingress(changes: Partial<KinesisIngressDefinition> = {}): KinesisIngressDefinition {
  return {
    kind: 'io.statefun.kinesis.v1/ingress',
    id: 'example/in',
    ...credentials,
    startupPosition: { type: 'earliest' },
    streamArn: undefined,
    streams: [{ stream: 'in', valueType: 'example/value', targets: ['example/a'] }],
    clientConfigProperties: [],
    location,
    ...changes,
  }
}

function egress(changes: Partial<KinesisEgressDefinition> = {}): KinesisEgressDefinition {
  return {
    kind: 'io.statefun.kinesis.v1/egress',
    id: 'example/out',
    ...credentials,
    maxOutstandingRecords: 1000,
    streamName: undefined,
    clientConfigProperties: [],
    location,
    ...changes,
  }
}

function setup(topics = new MemoryTopics()) {
  const connector = memoryConnector(topics)
  const read = async (definition: KinesisIngressDefinition) => {
    const received: string[] = []
    const source = connector.createSource(definition, context)!
    await source.start(
      {
        added: () => undefined,
        ready(partition) {
          while (partition.next()) {
            received.push(`${partition.name} ${partition.id()}=${Buffer.from(partition.value())}`)
          }
        },
        failed: () => undefined,
      },
      new Map(),
    )
    await source.stop()
    return received
  }
  const write = (definition: KinesisEgressDefinition, record: Partial<KinesisEgressRecord>) => {
    const sink = connector.createSink(definition, context)!
    if (isTransactional(sink)) throw new Error('not transactional')
    const value = Buffer.from('v')
    sink.write(
      kinesisRecordValue({ stream: '', partitionKey: 'k', value, explicitHashKey: undefined, ...record }),
    )
  }
  return { topics, read, write }
}

describe('streams in the process', () => {
  it('are read with the partition key as id', async () => {
    const { topics, read } = setup()
    topics.produce('kinesis:in', { key: 'alice', value: '1' })
    topics.produce('in', { key: 'topic', value: 'of Kafka' })
    expect(await read(ingress())).toEqual(['kinesis:in/0 alice=1'])
    expect(await read(ingress({ startupPosition: { type: 'latest' } }))).toEqual([])
  })

  it('do not mix when two ARNs have one name', async () => {
    const { topics, read } = setup()
    const arn = (region: string) => `arn:aws:kinesis:${region}:000000000000:stream/in`
    topics.produce('kinesis:in', { key: 'a', value: '1' })
    topics.produce(`kinesis:${arn('eu-west-1')}`, { key: 'b', value: '2' })
    expect(await read(ingress({ streamArn: arn('us-east-1') }))).toEqual(['kinesis:in/0 a=1'])
    expect(await read(ingress({ streamArn: arn('eu-west-1') }))).toEqual([
      `kinesis:${arn('eu-west-1')}/0 b=2`,
    ])
    expect(await read(ingress({ streamArn: arn('us-east-1') }))).toEqual(['kinesis:in/0 a=1'])
  })

  it('refuse a record without a partition key, as Kinesis does', async () => {
    const { topics, read } = setup()
    topics.produce('kinesis:in', { key: null, value: '1' })
    await expect(read(ingress())).rejects.toMatchObject({
      code: 'SF_KINESIS_INVALID_RECORD',
      where: 'kinesis:in/0 at 0',
    })
  })

  it('take records of an egress: the stream of the record, else streamName', () => {
    const { topics, write } = setup()
    write(egress({ streamName: 'fixed' }), { stream: 'own' })
    write(egress({ streamName: 'fixed' }), {})
    expect(topics.names()).toEqual(['kinesis:own', 'kinesis:fixed'])
    expect(() => write(egress(), {})).toThrow(expect.objectContaining({ code: 'SF_KINESIS_NO_STREAM_NAME' }))
    const value = new Uint8Array(1 << 20)
    expect(() => write(egress(), { stream: 'own', value })).toThrow(
      expect.objectContaining({ code: 'SF_KINESIS_RECORD_TOO_LARGE' }),
    )
    write(egress({ clientConfigProperties: [['MaxRecordSizeInKiB', '2048']] }), { stream: 'own', value })
  })

  it('spread records over shards by MD5, or by the hash key', () => {
    const { topics, write } = setup()
    topics.create('kinesis:many', 4)
    const shards = (changes: Partial<KinesisEgressRecord>) => {
      write(egress(), { stream: 'many', ...changes })
      return [0, 1, 2, 3].map((shard) => topics.log('kinesis:many', shard).end)
    }
    // MD5 of "k" begins with 0x8c.
    expect(shards({ partitionKey: 'k' })).toEqual([0, 0, 1, 0])
    expect(shards({ explicitHashKey: '0' })).toEqual([1, 0, 1, 0])
    expect(shards({ explicitHashKey: String(2n ** 128n - 1n) })).toEqual([1, 0, 1, 1])
  })
})
