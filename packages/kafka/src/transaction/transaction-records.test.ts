import type { Connection, Writer } from '@platformatic/kafka'
import { Outage } from '@statefun/engine'
import { kafkaRecordValue } from '@statefun/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { egress, RecordedLog } from '../../test/kit.ts'
import type { Cluster, TopicMetadata } from '../cluster/cluster.ts'
import type { ProducedPartition } from '../produce/produce-call.ts'
import { readProducerProperties } from '../properties/producer-properties.ts'
import type { TransactionPartition } from './coordinator-calls.ts'
import { TransactionRecords } from './transaction-records.ts'
import { SessionError } from './transaction-session.ts'

const PARTITIONS = 3
const STAMP = { producerId: 5n, producerEpoch: 1 }
const ends: TransactionRecords[] = []

afterEach(() => {
  for (const records of ends.splice(0)) records.fail(new SessionError('broken', 'the test is over'))
})

/** A cluster whose topics have three partitions, led by `leader`; `answer` gives the error code of a Produce. */
function setUp(properties: readonly (readonly [string, string])[] = []) {
  const log = new RecordedLog()
  const settings = readProducerProperties(
    egress('kafka:1', {
      deliverySemantic: { type: 'exactly-once', transactionTimeoutMs: 1000 },
      properties: [['retry.backoff.ms', '1'], ...properties],
    }),
    'test',
    log,
  )
  const world = {
    leader: 1,
    /** Of each Produce: its node, and what it holds in hexadecimal. */
    produced: [] as { readonly node: number; readonly bytes: string }[],
    added: [] as string[],
    log,
    gate: Promise.resolve(),
    answer: (_nth: number): number | Error => 0,
    answerAdding: (_nth: number): Error | undefined => undefined,
  }
  const topic = (): TopicMetadata => ({
    errorCode: 0,
    partitions: Array.from({ length: PARTITIONS }, (_, index) => ({
      index,
      leader: world.leader,
      leaderEpoch: 0,
    })),
  })
  const connectionTo = (node: number) => {
    const send: Connection['send'] = (_key, _version, payload, _parse, _tags, _moreTags, callback) => {
      const bytes = (payload() as Writer).buffer.toString('hex')
      const answer = world.answer(world.produced.push({ node, bytes }) - 1)
      const of = (index: number): ProducedPartition => ({
        topic: 't',
        index,
        errorCode: answer as number,
        message: null,
      })
      void world.gate.then(() => {
        if (answer instanceof Error) callback(answer)
        else callback(null, Array.from({ length: PARTITIONS }, (_, index) => of(index)) as never)
      })
    }
    return { send } as Connection
  }
  const cluster = {
    metadata: async (names: readonly string[]) => new Map(names.map((name) => [name, topic()])),
    connection: async (node: number) => connectionTo(node),
  }
  let adding = 0
  const records = new TransactionRecords({
    egress: 'test/egress',
    cluster: cluster as unknown as Cluster,
    settings,
    stamp: STAMP,
    logger: log,
    async addPartitions(partitions: readonly TransactionPartition[]) {
      const refused = world.answerAdding(adding++)
      if (refused !== undefined) throw refused
      world.added.push(
        partitions
          .map(({ topic: name, index }) => `${name}/${index}`)
          .sort()
          .join(),
      )
    },
    trouble: new Outage(log, {}),
  })
  ends.push(records)
  records.topics.start()
  return { records, world }
}

const value = (key: string, text: string, topic = 't') =>
  kafkaRecordValue({ topic, key, value: Buffer.from(text), headers: [] }).value

/** Keys of which each of three partitions has some. */
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const some = (text: string) => KEYS.map((key) => value(key, text))

describe('records of a transaction', () => {
  it('go in one request per broker, after their partitions were added, once per transaction', async () => {
    const { records, world } = setUp()
    await records.send(some('one'))
    await records.send([value('a', 'two'), value('a', 'two')])
    await records.send([])
    expect(world.added).toEqual(['t/0,t/1,t/2', expect.stringMatching(/^t\/\d$/)])
    expect(world.produced).toHaveLength(2)
    // The transactional id, and the transactional bit of a batch.
    expect(world.produced[0]?.bytes).toContain(Buffer.from('test:test/egress').toString('hex'))
    expect(world.produced[0]?.bytes.match(/0010000000/g)?.length).toBeGreaterThanOrEqual(3)
  })

  it('wait while partitions cannot be added yet', async () => {
    const { records, world } = setUp()
    world.answerAdding = (nth) => (nth < 3 ? new SessionError('retry', 'CONCURRENT_TRANSACTIONS') : undefined)
    await records.send(some('one'))
    expect(world.added).toEqual(['t/0,t/1,t/2'])
    expect(world.produced).toHaveLength(1)
    expect(world.log.lines).toEqual([])
  })

  it('follow a leader that moved, the same bytes again', async () => {
    const { records, world } = setUp()
    await records.send(some('one'))
    world.answer = (nth) => {
      if (nth !== 1) return 0
      world.leader = 2
      return 6
    }
    await records.send([value('a', 'two')])
    expect(world.produced.map(({ node }) => node)).toEqual([1, 1, 2])
    expect(world.produced[2]?.bytes).toBe(world.produced[1]?.bytes)
  })

  it('are repeated when the broker could not take them, with a line in the log when that lasts', async () => {
    const { records, world } = setUp()
    world.answer = (nth) => (nth < 8 ? 19 : 0)
    await records.send([value('a', 'one')])
    expect(world.produced).toHaveLength(9)
    expect(new Set(world.produced.map(({ bytes }) => bytes)).size).toBe(1)
    expect(world.log.lines).toEqual([
      expect.stringContaining('cannot publish yet: NOT_ENOUGH_REPLICAS (topic [t]'),
    ])
  })

  it.each([
    ['another producer', 90, { trouble: 'fenced' }],
    ['a producer epoch that ended', 47, { trouble: 'fenced' }],
    ['a sequence that is not the next', 45, { trouble: 'broken' }],
    ['a connection that broke', new Error('Connection closed'), { trouble: 'broken' }],
    [
      'a topic one may not write to',
      29,
      { code: 'SF_KAFKA_NOT_AUTHORIZED', where: expect.stringMatching(/topic \[t\]/) },
    ],
    [
      'a record too large',
      10,
      { code: 'SF_KAFKA_RECORD_TOO_LARGE', where: expect.stringMatching(/partition \[\d\]/) },
    ],
  ])('end with %s', async (_what, answer, expected) => {
    const { records, world } = setUp()
    world.answer = () => answer
    await expect(records.send([value('a', 'one')])).rejects.toMatchObject(expected)
    await expect(records.send([value('a', 'two')])).rejects.toMatchObject(expected)
  })

  it('end when they are told to, whatever they wait for', async () => {
    const { records, world } = setUp()
    world.answerAdding = () => new SessionError('retry', 'CONCURRENT_TRANSACTIONS')
    const sending = expect(records.send(some('one'))).rejects.toThrow('enough')
    await new Promise((resolve) => setTimeout(resolve, 20))
    records.fail(new SessionError('broken', 'enough'))
    await sending
    expect(world.produced).toEqual([])
  })

  it('never pile up: encoding waits for the broker', async () => {
    const { records, world } = setUp([['batch.size', '100000']])
    const large = 'x'.repeat(100_000)
    let walked = 0
    function* many() {
      for (; walked < 400; walked++) yield value(`${walked}`, large)
    }
    let open = () => {}
    world.gate = new Promise((resolve) => {
      open = resolve
    })
    const sending = records.send(many())
    await expect.poll(() => walked).toBeGreaterThan(150)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(walked).toBeLessThan(180)
    expect(world.produced).toHaveLength(1)
    open()
    await sending
    expect(walked).toBe(400)
  })
})
