import { InvalidRecordCounters } from '@statefun/engine'
import { describe, expect, it } from 'vitest'
import { newContext, route } from '../test/kit.ts'
import type { FetchedPartition } from './fetch/fetch-call.ts'
import { IdDecoder } from './id-decoder.ts'
import { KafkaPartition } from './kafka-partition.ts'
import { BatchBuilder, NO_STAMP } from './record-batch/batch-builder.ts'
import { endOffsetOf } from './record-batch/end-offset.ts'

function batch(baseOffset: number, values: readonly string[], compression: 'none' | 'lz4' = 'none'): Buffer {
  const builder = new BatchBuilder()
  for (const value of values) {
    const bytes = Buffer.from(`k${value}`)
    const record = {
      bytes,
      keyStart: 0,
      keyEnd: 1,
      valueStart: 1,
      valueEnd: bytes.length,
      headers: undefined,
    }
    builder.append(record, 1_700_000_000_000)
  }
  const finished = Buffer.from(builder.finish(NO_STAMP, compression))
  finished.writeBigInt64BE(BigInt(baseOffset), 0)
  return finished
}

function fetched(...batches: readonly Buffer[]): FetchedPartition {
  return {
    topic: 'orders',
    index: 3,
    errorCode: 0,
    highWatermark: 100,
    aborted: [],
    records: Buffer.concat(batches),
  }
}

function newPartition(start: number) {
  const { logger, metrics } = newContext()
  const freed: number[] = []
  const partition = new KafkaPartition(3, route('orders'), start, {
    logger,
    ids: new IdDecoder(),
    counters: new InvalidRecordCounters(metrics, 'test/ingress'),
    readCommitted: false,
    maxDecompressedBytes: 1000,
    consumed: (bytes) => void freed.push(bytes),
  })
  const add = (part: FetchedPartition) => partition.add(part, endOffsetOf(part.records)!)
  return { partition, freed, add }
}

function takeAll(partition: KafkaPartition): string[] {
  const values: string[] = []
  while (partition.next()) values.push(Buffer.from(partition.value()).toString())
  return values
}

describe('kafka partition', () => {
  it('gives the key of a record as text and as bytes', () => {
    const { partition, add } = newPartition(0)
    add(fetched(batch(0, ['1', '2'])))
    while (partition.next()) {
      const { bytes, start, end } = partition.idBytes()
      expect(Buffer.from(bytes.subarray(start, end)).toString()).toBe(partition.id())
      expect(partition.id()).toBe('k')
    }
  })

  it('is named by topic and index and starts where it is told', () => {
    const { partition } = newPartition(7)
    expect(partition.name).toBe('orders/3')
    expect(partition.position()).toBe('7')
    expect(partition.next()).toBe(false)
    expect(partition.position()).toBe('7')
  })

  it('asks for more once it has run dry, not while the engine is behind', () => {
    const { partition, add } = newPartition(0)
    const first = partition.chunkBytes
    const large = 'x'.repeat(0.75 * first)
    add(fetched(batch(0, ['1'])))
    takeAll(partition)
    expect(partition.chunkBytes).toBe(first)
    add(fetched(batch(1, [large])))
    expect(partition.chunkBytes).toBe(2 * first)
    add(fetched(batch(2, [large])))
    expect(partition.chunkBytes).toBe(2 * first)
    takeAll(partition)
    add(fetched(batch(3, [large])))
    expect(partition.chunkBytes).toBe(2 * first)
    takeAll(partition)
    add(fetched(batch(4, [large, large])))
    expect(partition.chunkBytes).toBe(4 * first)
  })

  it('gives a position after every record that neither repeats nor leaves out any', () => {
    const { partition, add } = newPartition(0)
    add(fetched(batch(0, ['a', 'b']), batch(5, ['c'])))
    const seen: string[] = []
    while (partition.next()) seen.push(`${Buffer.from(partition.value())} ${partition.position()}`)
    expect(seen).toEqual(['a 1', 'b 2', 'c 6'])
    expect(partition.position()).toBe('6')
    for (const [start, rest] of [
      [1, ['b', 'c']],
      [2, ['c']],
      [6, []],
    ] as const) {
      const resumed = newPartition(start)
      resumed.add(fetched(batch(0, ['a', 'b']), batch(5, ['c'])))
      expect(takeAll(resumed.partition)).toEqual(rest)
    }
  })

  it('has room for two parts, and frees a part when it was read to its end', () => {
    const { partition, freed, add } = newPartition(0)
    const [one, two] = [fetched(batch(0, ['a', 'b'])), fetched(batch(2, ['c']))]
    add(one)
    expect(partition.hasRoom).toBe(true)
    add(two)
    expect(partition.hasRoom).toBe(false)
    expect(partition.fetchOffset).toBe(3)
    partition.next()
    partition.next()
    expect(freed).toEqual([])
    partition.next()
    expect(freed).toEqual([one.records.length])
    expect(partition.hasRoom).toBe(true)
    expect(partition.next()).toBe(false)
    expect(freed).toEqual([one.records.length, two.records.length])
  })

  it('keeps values that were handed out when it moves on', () => {
    const { partition, add } = newPartition(0)
    add(fetched(batch(0, ['first'])))
    partition.next()
    const value = partition.value()
    add(fetched(batch(1, ['other'])))
    takeAll(partition)
    expect(Buffer.from(value).toString()).toBe('first')
  })

  it('delivers what is buffered before it jumps', () => {
    const { partition, add } = newPartition(0)
    add(fetched(batch(0, ['a'])))
    partition.jumpTo(50)
    expect(takeAll(partition)).toEqual(['a'])
    expect(partition.position()).toBe('50')
    expect(partition.fetchOffset).toBe(50)
  })

  const damaged = batch(10, ['abc'])
  damaged[damaged.length - 2]! ^= 1

  it.each([
    ['a damaged batch', 'SF_KAFKA_BATCH_CORRUPT', damaged],
    ['one that unfolds to too much', 'SF_KAFKA_BATCH_TOO_LARGE', batch(10, ['a'.repeat(1000)], 'lz4')],
  ])('names topic, partition and offset of %s, every time it is asked', (_what, code, refused) => {
    const { partition, add } = newPartition(0)
    add(fetched(batch(0, ['a']), refused))
    expect(partition.next()).toBe(true)
    for (let i = 0; i < 2; i++) {
      expect(() => partition.next()).toThrow(
        expect.objectContaining({
          code,
          message: expect.stringContaining('offset 10'),
          where: 'topic [orders], partition [3]',
        }),
      )
    }
    expect(partition.position()).toBe('1')
  })
})

describe('end offset', () => {
  it('is that of the last whole batch', () => {
    const whole = Buffer.concat([batch(0, ['a', 'b']), batch(7, ['c'])])
    expect(endOffsetOf(whole)).toBe(8)
    expect(endOffsetOf(Buffer.concat([whole, batch(8, ['d']).subarray(0, 40)]))).toBe(8)
    expect(endOffsetOf(batch(0, ['a']).subarray(0, 60))).toBeUndefined()
    expect(endOffsetOf(Buffer.alloc(0))).toBeUndefined()
  })
})
