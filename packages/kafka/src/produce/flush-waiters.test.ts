import { StatefunError } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { FlushWaiters } from './flush-waiters.ts'
import { OutgoingBatch } from './outgoing-batch.ts'
import type { OutgoingPartition } from './outgoing-partition.ts'
import { OutgoingTopic } from './outgoing-topic.ts'

const context = {
  identity: { producerId: 5, producerEpoch: 0, generation: 1 } as never,
  idempotent: true,
  transactional: false,
  compression: 'none',
  maxBatchBytes: 1000,
  opened: () => 1,
} as const

function partition(): OutgoingPartition {
  const topic = new OutgoingTopic('t', context)
  return topic.apply({ errorCode: 0, partitions: [{ index: 0, leader: 1, leaderEpoch: 0 }] })[0]!
}

function open(waiters: FlushWaiters): OutgoingBatch {
  const batch = new OutgoingBatch()
  batch.id = waiters.opened(batch, partition())
  return batch
}

async function settled(promise: Promise<void>): Promise<boolean> {
  return Promise.race([
    promise.then(() => true),
    new Promise<false>((resolve) => setImmediate(resolve, false)),
  ])
}

describe('flush waiters', () => {
  it('wait for the batches of their time, in whatever order they are acknowledged', async () => {
    const waiters = new FlushWaiters()
    const [one, two] = [open(waiters), open(waiters)]
    const flush = waiters.wait(() => false)
    const later = open(waiters)
    waiters.closed(two)
    expect(await settled(flush)).toBe(false)
    waiters.closed(one)
    expect(await settled(flush)).toBe(true)
    const second = waiters.wait(() => false)
    expect(await settled(second)).toBe(false)
    waiters.closed(later)
    expect(await settled(second)).toBe(true)
  })

  it('do not wait for anything when nothing is under way', async () => {
    expect(await settled(new FlushWaiters().wait(() => false))).toBe(true)
  })

  it('count values whose topic is not known yet', async () => {
    const waiters = new FlushWaiters()
    let pending = true
    const flush = waiters.wait(() => pending)
    expect(await settled(flush)).toBe(false)
    const moved = open(waiters)
    pending = false
    waiters.check()
    expect(await settled(flush)).toBe(false)
    waiters.closed(moved)
    expect(await settled(flush)).toBe(true)
  })

  it('end with the error of the egress', async () => {
    const waiters = new FlushWaiters()
    open(waiters)
    const flush = waiters.wait(() => false)
    waiters.reject(new StatefunError('SF_X', 'x'))
    await expect(flush).rejects.toMatchObject({ code: 'SF_X' })
  })
})

describe('outgoing partition', () => {
  const record = (text: string) => {
    const bytes = Buffer.from(text)
    return { bytes, keyStart: -1, keyEnd: -1, valueStart: 0, valueEnd: bytes.length, headers: undefined }
  }
  const sequenceOf = (bytes: Buffer) => bytes.readInt32BE(53)

  it('repeats a batch byte for byte and numbers the next one after it', () => {
    const outgoing = partition()
    outgoing.append(record('a'), 100, 1)
    outgoing.append(record('b'), 100, 2)
    const first = Buffer.from(outgoing.headBytes(outgoing.head!))
    outgoing.append(record('c'), 100, 3)
    expect(outgoing.headBytes(outgoing.head!)).toEqual(first)
    outgoing.shift()
    expect(sequenceOf(first)).toBe(0)
    expect(sequenceOf(outgoing.headBytes(outgoing.head!))).toBe(2)
  })

  it('closes a batch that would grow too large', () => {
    const outgoing = partition()
    const first = outgoing.append(record('x'.repeat(600)), 640, 1)
    const second = outgoing.append(record('y'.repeat(600)), 640, 1)
    expect(second).not.toBe(first)
    expect(outgoing.head).toBe(first)
  })

  it('divides a batch in order, over the same sequence numbers', () => {
    const outgoing = partition()
    for (const text of ['a', 'b', 'c']) outgoing.append(record(text), 50, 1)
    outgoing.headBytes(outgoing.head!)
    const counts = outgoing.split(outgoing.head!).map(({ builder }) => builder.count)
    expect(counts).toEqual([2, 1])
    expect(sequenceOf(outgoing.headBytes(outgoing.head!))).toBe(0)
    outgoing.shift()
    expect(sequenceOf(outgoing.headBytes(outgoing.head!))).toBe(2)
  })
})
