import { describe, expect, it } from 'vitest'
import { aggregate } from '../test/aggregate.ts'
import { KinesisPartition } from './kinesis-partition.ts'
import type { FetchedRecord } from './reads/kinesis-reads.ts'
import { parsePosition } from './shards/shard-position.ts'

const ROUTE = { valueType: 'test/value', targets: ['test/fn'] }
const HALF = 1n << 127n

interface Events {
  readonly consumed: [number, number][]
  readonly dropped: [string, number][]
  finished: number
}

function partitionFrom(position = 'trim-horizon', hashRange = { first: 0n, last: 2n * HALF - 1n }) {
  const events: Events = { consumed: [], dropped: [], finished: 0 }
  const shard = { id: 'shardId-1', parents: [], closed: false, hashRange }
  const partition = new KinesisPartition('s/shardId-1', ROUTE, shard, parsePosition(position, ''), {
    consumed: (...args) => events.consumed.push(args),
    dropped: (...args) => events.dropped.push(args),
    finished: () => {
      events.finished++
    },
  })
  return { partition, events }
}

const plain = (sequence: string, text = `v${sequence}`): FetchedRecord => ({
  sequence,
  partitionKey: `k${sequence}`,
  data: Buffer.from(text),
})
const packed = (sequence: string, ...texts: string[]): FetchedRecord => ({
  sequence,
  partitionKey: 'outer',
  data: aggregate(texts.map((text) => ({ partitionKey: `key ${text}`, data: Buffer.from(text) }))),
})

function take(partition: KinesisPartition, limit = Number.POSITIVE_INFINITY): string[] {
  const taken: string[] = []
  while (taken.length < limit && partition.next()) {
    taken.push(`${partition.id()}=${Buffer.from(partition.value())}`)
  }
  return taken
}

describe('records of a shard', () => {
  it('come in their order, and each moves the position', () => {
    const { partition, events } = partitionFrom()
    expect(partition.next()).toBe(false)
    expect(partition.position()).toBe('trim-horizon')
    const bytes = partition.add([plain('11'), plain('12')])
    expect(partition.buffered).toBe(bytes)
    expect(partition.fetchFrom).toEqual({ at: 'after', sequence: '12' })
    expect(take(partition, 1)).toEqual(['k11=v11'])
    expect(partition.position()).toBe('after 11')
    expect(take(partition)).toEqual(['k12=v12'])
    expect(partition.position()).toBe('after 12')
    expect(partition.buffered).toBe(0)
    expect(events.consumed).toEqual([[bytes, 2]])
  })

  it('are left out when they were fetched before', () => {
    const { partition } = partitionFrom('after 9')
    expect(partition.add([plain('8'), plain('9')])).toBe(0)
    partition.add([plain('9'), plain('10'), plain('11')])
    partition.add([plain('11')])
    expect(take(partition)).toEqual(['k10=v10', 'k11=v11'])
    const within = partitionFrom('within 9 1').partition
    within.add([plain('8'), packed('9', 'a', 'b')])
    expect(take(within)).toEqual(['key b=b'])
  })

  it('go on in the middle of an aggregate', () => {
    const records = [packed('21', 'a', 'b', 'c'), plain('22')]
    const first = partitionFrom().partition
    first.add(records)
    expect(take(first, 2)).toEqual(['key a=a', 'key b=b'])
    expect(first.position()).toBe('within 21 2')
    const second = partitionFrom(first.position()).partition
    expect(second.fetchFrom).toEqual({ at: 'within', sequence: '21', taken: 2 })
    second.add(records)
    expect(take(second)).toEqual(['key c=c', 'k22=v22'])
    expect(second.position()).toBe('after 22')
  })

  it('are all taken when the aggregate that a checkpoint was in is gone', () => {
    const { partition } = partitionFrom('within 21 2')
    partition.add([packed('23', 'a', 'b', 'c')])
    expect(take(partition)).toEqual(['key a=a', 'key b=b', 'key c=c'])
  })

  it('may be an aggregate of none', () => {
    const { partition } = partitionFrom('within 21 1')
    partition.add([packed('21', 'a'), plain('22')])
    expect(take(partition)).toEqual(['k22=v22'])
  })

  it('are dropped with their aggregate when one belongs to another shard', () => {
    const { partition, events } = partitionFrom('trim-horizon', { first: 0n, last: HALF - 1n })
    const data = (explicitHashKey: string) =>
      aggregate([
        { partitionKey: 'x', explicitHashKey: '5', data: Buffer.from('one') },
        { partitionKey: 'y', explicitHashKey, data: Buffer.from('two') },
      ])
    partition.add([
      { sequence: '31', partitionKey: 'x', data: data(String(HALF)) },
      { sequence: '32', partitionKey: 'x', data: data(String(HALF - 1n)) },
    ])
    expect(take(partition, 1)).toEqual(['x=one'])
    expect(partition.position()).toBe('within 32 1')
    expect(take(partition)).toEqual(['y=two'])
    expect(events.dropped).toEqual([['31', 2]])
  })
})

describe('the end of a shard', () => {
  it('counts when its last record was taken', async () => {
    const { partition, events } = partitionFrom()
    partition.add([packed('41', 'a', 'b')])
    partition.end()
    expect(take(partition, 1)).toHaveLength(1)
    await Promise.resolve()
    expect(events.finished).toBe(0)
    expect(partition.position()).toBe('within 41 1')
    expect(take(partition, 1)).toHaveLength(1)
    expect(partition.position()).toBe('closed')
    expect(take(partition)).toEqual([])
    expect(events.finished).toBe(0)
    await Promise.resolve()
    expect(events.finished).toBe(1)
  })

  it('keeps the timestamp that it started at when there was nothing', async () => {
    const { partition, events } = partitionFrom('timestamp 77')
    partition.end()
    partition.end()
    await Promise.resolve()
    expect(events.finished).toBe(1)
    expect(partition.position()).toBe('closed 77')
    expect(partition.next()).toBe(false)
    await Promise.resolve()
    expect(events.finished).toBe(1)
  })
})
