import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { ConnectorContext } from '../connector/connector.ts'
import type { SourcePartition } from '../connector/source.ts'
import type { Logger } from '../logger.ts'
import { PrometheusRegistry } from '../metrics/prometheus-registry.ts'
import type { KafkaIngressDefinition, KafkaTopicRoute } from '../module/model.ts'
import { MemorySource } from './memory-source.ts'
import { MemoryTopics } from './memory-topics.ts'

const route: KafkaTopicRoute = {
  topic: 'in',
  valueType: 'example/value',
  targets: ['example/a', 'example/b'],
  forwardHeaders: false,
  invalidRecordHandling: { type: 'skip', logLevel: 'warn' },
}

function ingress(change: Partial<KafkaIngressDefinition> = {}): KafkaIngressDefinition {
  return {
    kind: 'io.statefun.kafka.v1/ingress',
    id: 'example/in',
    address: 'nowhere:9092',
    consumerGroupId: 'group',
    topics: [route],
    autoOffsetResetPosition: 'latest',
    startupPosition: { type: 'earliest' },
    properties: [],
    location: { file: 'module.yaml', line: 1, column: 1 },
    ...change,
  }
}

/** Takes everything that becomes ready, as an engine with endless room would. */
async function take(
  topics: MemoryTopics,
  definition: KafkaIngressDefinition,
  positions = new Map<string, string>(),
) {
  const lines: string[] = []
  const log = (level: string) => (_: object, message: string) => void lines.push(`${level} ${message}`)
  const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
  const metrics = new PrometheusRegistry('')
  const context: ConnectorContext = { app: 'test', logger, metrics }
  const source = new MemorySource(definition, topics, context)
  const received: string[] = []
  const partitions = new Map<string, SourcePartition>()
  await source.start(
    {
      added: (partition) => void partitions.set(partition.name, partition),
      ready: (partition) => {
        while (partition.next()) {
          received.push(`${partition.name} ${partition.id()}=${new TextDecoder().decode(partition.value())}`)
        }
      },
      failed: (error) => {
        throw error
      },
    },
    positions,
  )
  return { source, received, partitions, lines, metrics }
}

describe('MemorySource', () => {
  it('delivers records with the route of their topic and the positions after them', async () => {
    const topics = new MemoryTopics()
    topics.produce('in', { key: 'k', value: 'one' })
    const { received, partitions, source } = await take(topics, ingress())
    topics.produce('in', { key: '', value: '' })
    await turn()
    expect(received).toEqual(['in/0 k=one', 'in/0 ='])
    const partition = partitions.get('in/0')!
    expect(partition.route).toEqual({ valueType: 'example/value', targets: ['example/a', 'example/b'] })
    expect(partition.position()).toBe('2')
    await source.stop()
    topics.produce('in', { key: 'late', value: 'x' })
    await turn()
    expect(received).toHaveLength(2)
  })

  it('decodes keys as Java does: malformed bytes become U+FFFD, a byte order mark stays', async () => {
    const topics = new MemoryTopics()
    topics.produce('in', { key: new Uint8Array([0x61, 0xff]), value: '1' })
    topics.produce('in', { key: '\ufeffb', value: '2' })
    const { received } = await take(topics, ingress())
    expect(received).toEqual(['in/0 a\ufffd=1', 'in/0 \ufeffb=2'])
  })

  it('forwards headers only where the topic asks for it', async () => {
    const headers = [
      { key: 'h', value: new Uint8Array([1]) },
      { key: 'h', value: null },
    ]
    for (const forwardHeaders of [true, false]) {
      const topics = new MemoryTopics()
      topics.produce('in', { key: 'k', value: 'v', headers })
      const { partitions } = await take(topics, ingress({ topics: [{ ...route, forwardHeaders }] }))
      expect(partitions.get('in/0')!.metadata()).toEqual(forwardHeaders ? headers : undefined)
    }
  })

  it.each([
    ['earliest', { type: 'earliest' }, ['0', '1', '2', '3']],
    ['latest', { type: 'latest' }, ['3']],
    ['date', { type: 'date', epochMs: 101 }, ['1', '2', '3']],
    [
      'specific-offsets',
      { type: 'specific-offsets', offsets: [{ topic: 'in', partition: 0, offset: 2 }] },
      ['2', '3'],
    ],
    ['specific-offsets of another partition', { type: 'specific-offsets', offsets: [] }, ['3']],
    ['group-offsets without a commit', { type: 'group-offsets' }, ['3']],
  ] as const)('starts at %s', async (_, startupPosition, expected) => {
    const topics = new MemoryTopics()
    for (let i = 0; i < 3; i++) topics.produce('in', { key: 'k', value: String(i), timestamp: 100 + i })
    const { received } = await take(topics, ingress({ startupPosition }))
    topics.produce('in', { key: 'k', value: '3', timestamp: 103 })
    await turn()
    expect(received).toEqual(expected.map((value) => `in/0 k=${value}`))
  })

  it('starts at committed group offsets, and a restored position wins over everything', async () => {
    const topics = new MemoryTopics()
    for (let i = 0; i < 4; i++) topics.produce('in', { key: 'k', value: String(i) })
    const first = await take(topics, ingress())
    first.source.committed(new Map([['in/0', '2']]))
    const second = await take(topics, ingress({ startupPosition: { type: 'group-offsets' } }))
    expect(second.received).toEqual(['in/0 k=2', 'in/0 k=3'])
    const third = await take(
      topics,
      ingress({ startupPosition: { type: 'latest' } }),
      new Map([['in/0', '3']]),
    )
    expect(third.received).toEqual(['in/0 k=3'])
  })

  it('goes on counting at a restored position when the topics are new', async () => {
    const topics = new MemoryTopics()
    const { received, partitions } = await take(topics, ingress(), new Map([['in/0', '40']]))
    expect(topics.produce('in', { key: 'k', value: 'v' }).offset).toBe(40)
    await turn()
    expect(received).toEqual(['in/0 k=v'])
    expect(partitions.get('in/0')!.position()).toBe('41')
  })

  it('says so when records were dropped before it came to them', async () => {
    const topics = new MemoryTopics({ retainRecords: 2 })
    const { received, lines } = await take(topics, ingress())
    for (let i = 0; i < 5; i++) topics.produce('in', { key: 'k', value: String(i) })
    await turn()
    expect(received.at(-1)).toBe('in/0 k=4')
    expect(received.length).toBeLessThan(5)
    expect(lines).toEqual(['warn Records of partition [in/0] were dropped before they could be read'])
  })

  it('picks up partitions that are added while it runs, from their beginning', async () => {
    const topics = new MemoryTopics()
    const { received } = await take(topics, ingress({ startupPosition: { type: 'latest' } }))
    topics.create('in', 2)
    topics.produce('in', { partition: 1, key: 'k', value: 'v' })
    await turn()
    expect(received).toEqual(['in/1 k=v'])
  })

  it('skips invalid records with the pinned log line, counts them and goes on', async () => {
    const topics = new MemoryTopics()
    topics.produce('in', { key: null, value: 'x', timestamp: 5 })
    topics.produce('in', { key: 'poison-tombstone', value: null, timestamp: 6 })
    topics.produce('in', { key: 'k', value: 'good' })
    const { received, lines, partitions, metrics } = await take(topics, ingress())
    expect(await metrics.render()).toContain('deserializer_numInvalidRecordsSkipped{ingress="example/in"} 2')
    expect(received).toEqual(['in/0 k=good'])
    expect(partitions.get('in/0')!.position()).toBe('3')
    expect(lines).toEqual([
      'warn Skipping invalid record: defect [NULL_KEY], topic [in], partition [0], offset [0], timestamp [5], key [null], value size [1]',
      'warn Skipping invalid record: defect [NULL_VALUE], topic [in], partition [0], offset [1], timestamp [6], key [poison-tombstone], value size [-1]',
    ])
  })

  it('throws from next under fail and does not move past the record', async () => {
    const topics = new MemoryTopics()
    const definition = ingress({ topics: [{ ...route, invalidRecordHandling: { type: 'fail' } }] })
    const { partitions, source } = await take(topics, definition)
    await source.stop()
    topics.produce('in', { key: null, value: 'x' })
    expect(() => partitions.get('in/0')!.next()).toThrow('requires a UTF-8 key set for each record')
    expect(partitions.get('in/0')!.position()).toBe('0')
  })
})
