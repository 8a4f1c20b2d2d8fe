import type { Connection, Writer } from '@platformatic/kafka'
import { describe, expect, it } from 'vitest'
import { egress, RecordedLog } from '../../test/kit.ts'
import { readProducerProperties } from '../properties/producer-properties.ts'
import { BrokerLane, type LaneOwner } from './broker-lane.ts'
import type { OutgoingContext, OutgoingPartition } from './outgoing-partition.ts'
import { OutgoingTopic } from './outgoing-topic.ts'
import type { ProducedPartition } from './produce-call.ts'

interface SentRequest {
  readonly bytes: string
  answer(errorCode: number): void
  fail(error: Error): void
}

/** A connection that keeps what is sent and answers when told; the answer is that of partition `t/0`. */
function fakeCluster() {
  const sent: SentRequest[] = []
  const send: Connection['send'] = (
    _key,
    _version,
    createPayload,
    _parse,
    _requestTags,
    _responseTags,
    callback,
  ) => {
    const bytes = (createPayload() as Writer).buffer.toString('hex')
    sent.push({
      bytes,
      answer: (errorCode) => {
        const produced: ProducedPartition[] = [{ topic: 't', index: 0, errorCode, message: null }]
        callback(null, produced as never)
      },
      fail: (error) => callback(error),
    })
  }
  const connection = { send } as Connection
  return { sent, cluster: { connection: () => Promise.resolve(connection) } }
}

class RecordedOwner implements LaneOwner {
  readonly heard: string[] = []
  readonly lanes: BrokerLane[] = []

  acknowledged(partition: OutgoingPartition): void {
    this.heard.push('acknowledged')
    partition.shift()
  }

  refused(_partition: OutgoingPartition, _batch: unknown, errorCode: number): void {
    this.heard.push(`refused ${errorCode}`)
  }

  lost(): void {
    this.heard.push('lost')
  }

  idle(): void {
    for (const lane of this.lanes) lane.pump()
  }
}

const context: OutgoingContext = {
  identity: { producerId: 5, producerEpoch: 0, generation: 1 } as OutgoingContext['identity'],
  idempotent: true,
  transactional: false,
  compression: 'none',
  maxBatchBytes: 10_000,
  opened: () => 1,
}
const settings = readProducerProperties(egress('kafka:9092'), 'app', new RecordedLog())
const turn = () => new Promise((resolve) => setImmediate(resolve))

function setUp() {
  const topic = new OutgoingTopic('t', context)
  const [partition] = topic.apply({ errorCode: 0, partitions: [{ index: 0, leader: 1, leaderEpoch: 0 }] })
  const owner = new RecordedOwner()
  const { sent, cluster } = fakeCluster()
  const lanes = [1, 2].map((nodeId) => new BrokerLane(nodeId, cluster, settings, owner))
  owner.lanes.push(...lanes)
  const write = (text: string) => {
    const bytes = Buffer.from(text)
    const record = {
      bytes,
      keyStart: -1,
      keyEnd: -1,
      valueStart: 0,
      valueEnd: bytes.length,
      headers: undefined,
    }
    partition!.append(record, 100, 1)
  }
  return { owner, sent, partition: partition!, one: lanes[0]!, two: lanes[1]!, write }
}

describe('broker lane', () => {
  it('has one request under way and sends what gathered meanwhile with the next', async () => {
    const { owner, sent, partition, one, write } = setUp()
    write('a')
    one.waiting.add(partition)
    one.pump()
    await turn()
    write('b')
    write('c')
    one.pump()
    await turn()
    expect(sent).toHaveLength(1)
    sent[0]!.answer(0)
    await turn()
    expect(sent).toHaveLength(2)
    sent[1]!.answer(46)
    await turn()
    expect(owner.heard).toEqual(['acknowledged', 'acknowledged'])
    expect(partition.head).toBeUndefined()
  })

  it('repeats the same bytes after a lost connection', async () => {
    const { owner, sent, partition, one, write } = setUp()
    write('a')
    one.waiting.add(partition)
    one.pump()
    await turn()
    write('b')
    sent[0]!.fail(new Error('gone'))
    await turn()
    expect(owner.heard).toEqual(['lost'])
    expect(sent[1]!.bytes).toBe(sent[0]!.bytes)
  })

  it('does not send a batch to the new leader before the old one has answered', async () => {
    const { owner, sent, partition, one, two, write } = setUp()
    write('a')
    one.waiting.add(partition)
    one.pump()
    await turn()
    write('b')
    partition.leader = 2
    one.waiting.delete(partition)
    two.waiting.add(partition)
    two.pump()
    await turn()
    expect(sent).toHaveLength(1)
    sent[0]!.answer(0)
    await turn()
    expect(owner.heard).toEqual(['acknowledged'])
    expect(sent).toHaveLength(2)
    expect(sent[1]!.bytes).not.toBe(sent[0]!.bytes)
  })

  it('leaves a partition alone until its pause is over, and sends nothing after a stop', async () => {
    const { sent, partition, one, write } = setUp()
    write('a')
    one.waiting.add(partition)
    partition.blocked = true
    one.pump()
    await turn()
    expect(sent).toHaveLength(0)
    partition.blocked = false
    one.stop()
    one.pump()
    await turn()
    expect(sent).toHaveLength(0)
  })
})
