import { createRecordsBatch, Reader, readRecordsBatches } from '@platformatic/kafka'
import { StatefunError } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { BatchBuilder, NO_STAMP, type RecordRanges, recordSizeBound } from './batch-builder.ts'
import { BatchCursor } from './batch-cursor.ts'
import { COMPRESSIONS } from './codec.ts'
import { BATCH_HEADER_SIZE } from './format.ts'

interface PlainRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly timestamp: number
  readonly headers: readonly (readonly [string, Buffer | null])[]
}

/** Deterministic random numbers, so that a failure can be repeated. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * below)
  }
}

function randomRecord(random: (below: number) => number): PlainRecord {
  const bytes = (most: number) => Buffer.from(Array.from({ length: random(most) }, () => random(256)))
  const nullable = (most: number) => (random(5) === 0 ? null : bytes(most))
  return {
    key: nullable(40),
    value: nullable(random(10) === 0 ? 20_000 : 200),
    // The library encodes deltas beyond 31 bits wrongly, so they stay below.
    timestamp: 1_700_000_000_000 + random(2_000_000_000) - 1_000_000_000,
    headers: Array.from({ length: random(4) }, () => [`h-${'é'.repeat(random(9))}`, nullable(300)] as const),
  }
}

function rangesOf(record: PlainRecord): RecordRanges {
  const parts: Buffer[] = []
  let at = 0
  const place = (part: Buffer | null): [number, number] => {
    if (part === null) return [-1, -1]
    parts.push(part)
    at += part.length
    return [at - part.length, at]
  }
  const [keyStart, keyEnd] = place(record.key)
  const [valueStart, valueEnd] = place(record.value)
  const headers = record.headers.map(([key, value]) => ({ key, value }))
  return {
    bytes: Buffer.concat(parts),
    keyStart,
    keyEnd,
    valueStart,
    valueEnd,
    headers,
  }
}

function readAll(cursor: BatchCursor): (PlainRecord & { readonly offset: number })[] {
  const records = []
  const part = (start: number, end: number) =>
    start < 0 ? null : Buffer.from(cursor.bytes.subarray(start, end))
  while (cursor.next()) {
    const headers: [string, Buffer | null][] = []
    cursor.headers((_, keyStart, keyEnd, valueStart, valueEnd) => {
      headers.push([part(keyStart, keyEnd)!.toString(), part(valueStart, valueEnd)])
    })
    records.push({
      offset: cursor.offset,
      key: part(cursor.keyStart, cursor.keyEnd),
      value: part(cursor.valueStart, cursor.valueEnd),
      timestamp: cursor.timestamp,
      headers,
    })
  }
  return records
}

function built(records: readonly PlainRecord[], compression: (typeof COMPRESSIONS)[number] = 'none'): Buffer {
  const builder = new BatchBuilder(64)
  for (const record of records) builder.append(rangesOf(record), record.timestamp)
  return Buffer.from(builder.finish(NO_STAMP, compression))
}

function cursorOver(records: Buffer, from = 0): BatchCursor {
  const cursor = new BatchCursor()
  cursor.reset(records, from, undefined)
  return cursor
}

const simple = (value: string): PlainRecord => ({
  key: Buffer.from('k'),
  value: Buffer.from(value),
  timestamp: 1_700_000_000_000,
  headers: [],
})

describe.each(COMPRESSIONS)('record batches with %s', (compression) => {
  it('are read by the library as written', () => {
    const random = randomOf(1)
    for (let round = 0; round < 30; round++) {
      const records = Array.from({ length: 1 + random(60) }, () => randomRecord(random))
      const [batch] = readRecordsBatches(Reader.from(built(records, compression)))
      const read = batch!.records.map((record) => ({
        key: record.key,
        value: record.value,
        timestamp: Number(batch!.firstTimestamp + record.timestampDelta),
        headers: (record.headers as [Buffer, Buffer | null][]).map(([key, value]) => [String(key), value]),
      }))
      expect(read).toEqual(records)
      expect(batch!.lastOffsetDelta).toBe(records.length - 1)
      expect(Number(batch!.maxTimestamp)).toBe(Math.max(...records.map((record) => record.timestamp)))
    }
  })

  it('of the library are read as written', () => {
    const random = randomOf(2)
    for (let round = 0; round < 30; round++) {
      const records = Array.from({ length: 1 + random(60) }, () => randomRecord(random))
      const messages = records.map(({ key, value, timestamp, headers }) => ({
        topic: 't',
        key: key as Buffer,
        value: value as Buffer,
        timestamp: BigInt(timestamp),
        // The library wants a map, which cannot hold one key twice.
        headers: new Map(
          headers.map(([name, content], i) => [Buffer.from(`${i}${name}`), content as Buffer]),
        ),
      }))
      const batch = createRecordsBatch(messages, compression === 'none' ? {} : { compression })
      const read = readAll(cursorOver(batch.buffer))
      expect(read.map((record) => record.offset)).toEqual(records.map((_, i) => i))
      expect(read.map(({ key, value, timestamp }) => ({ key, value, timestamp }))).toEqual(
        records.map(({ key, value, timestamp }) => ({ key, value, timestamp })),
      )
      expect(read.map((record) => record.headers)).toEqual(
        records.map(({ headers }) => headers.map(([name, content], i) => [`${i}${name}`, content])),
      )
    }
  })

  it('are read back by ourselves, several in a row', () => {
    const random = randomOf(3)
    const records = Array.from({ length: 50 }, () => randomRecord(random))
    const first = built(records.slice(0, 20), compression)
    const second = built(records.slice(20), compression)
    second.writeBigInt64BE(20n, 0)
    const read = readAll(cursorOver(Buffer.concat([first, second])))
    expect(read).toEqual(records.map((record, offset) => ({ offset, ...record })))
  })
})

describe('batch cursor', () => {
  it('passes over offsets below the wanted one', () => {
    const cursor = cursorOver(built([simple('a'), simple('b'), simple('c')]), 2)
    expect(readAll(cursor).map((record) => record.offset)).toEqual([2])
    expect(cursor.nextOffset).toBe(3)
  })

  it('ignores an incomplete batch at the end', () => {
    const whole = built([simple('a'), simple('b')])
    const next = built([simple('c')])
    next.writeBigInt64BE(2n, 0)
    for (const cut of [1, 11, 12, 60, next.length - 1]) {
      const cursor = cursorOver(Buffer.concat([whole, next.subarray(0, cut)]))
      expect(readAll(cursor)).toHaveLength(2)
      expect(cursor.nextOffset).toBe(2)
    }
  })

  it('steps over the gap that compaction leaves at the end of a batch', () => {
    const batch = built([simple('a')])
    batch.writeInt32BE(9, 23)
    const fixed = restampCrc(batch)
    const cursor = cursorOver(fixed)
    expect(cursor.next()).toBe(true)
    expect(cursor.nextOffset).toBe(1)
    expect(cursor.next()).toBe(false)
    expect(cursor.nextOffset).toBe(10)
  })

  it('refuses every flipped bit that the CRC covers', () => {
    const batch = built([simple('abcdefgh'), simple('ijkl')])
    for (let at = 17; at < batch.length; at++) {
      const damaged = Buffer.from(batch)
      damaged[at]! ^= 0x10
      const error = errorOf(() => readAll(cursorOver(damaged)))
      expect(error.code).toBe('SF_KAFKA_BATCH_CORRUPT')
      expect(error.message).toContain('offset 0')
    }
  })

  it('refuses damage that has a right CRC', () => {
    const batch = built([simple('abcdefgh')])
    batch[61] = 0x7e
    expect(errorOf(() => readAll(cursorOver(restampCrc(batch)))).message).toContain('a record exceeds it')
  })

  it('refuses old message formats by name', () => {
    const batch = built([simple('a')])
    batch[16] = 1
    const error = errorOf(() => readAll(cursorOver(batch)))
    expect(error.code).toBe('SF_KAFKA_BATCH_FORMAT')
    expect(error.message).toContain('message format 1 at offset 0')
  })

  it('takes the append time of the broker when the batch says so', () => {
    const batch = built([simple('a')])
    batch.writeInt16BE(0x08, 21)
    batch.writeBigInt64BE(1_800_000_000_000n, 35)
    expect(readAll(cursorOver(restampCrc(batch)))[0]!.timestamp).toBe(1_800_000_000_000)
  })

  it('leaves out aborted transactions of a producer, also two of them, and keeps what lies between', () => {
    const log = [
      transactional(0, 7, ['aborted']),
      transactional(1, 8, ['other']),
      marker(2, 7, 'abort'),
      transactional(3, 7, ['kept']),
      marker(4, 7, 'commit'),
      transactional(5, 7, ['aborted too', 'and this']),
      marker(7, 8, 'commit'),
      marker(8, 7, 'abort'),
      transactional(9, 7, ['last']),
    ]
    const cursor = new BatchCursor()
    cursor.reset(Buffer.concat(log), 0, [
      { producerId: 7, firstOffset: 5 },
      { producerId: 7, firstOffset: 0 },
    ])
    expect(readAll(cursor).map((record) => `${record.offset} ${record.value}`)).toEqual([
      '1 other',
      '3 kept',
      '9 last',
    ])
    expect(cursor.nextOffset).toBe(10)
    cursor.reset(Buffer.concat(log), 0, undefined)
    expect(readAll(cursor)).toHaveLength(6)
  })

  it('moves beyond a response of markers only', () => {
    const cursor = cursorOver(marker(5, 7, 'commit'), 5)
    expect(cursor.next()).toBe(false)
    expect(cursor.nextOffset).toBe(6)
  })
})

it.each(COMPRESSIONS.slice(1))(
  'a batch of %s that unfolds to more than is allowed is refused',
  (compression) => {
    const records = Array.from({ length: 40 }, () => ({ ...simple(''), value: Buffer.alloc(20_000) }))
    const batch = built(records, compression)
    const plain = built(records).length - BATCH_HEADER_SIZE
    batch.writeBigInt64BE(70n, 0)
    const read = (maxBytes: number) => {
      const cursor = new BatchCursor(maxBytes)
      cursor.reset(batch, 70, undefined)
      return readAll(cursor)
    }
    expect(batch.length).toBeLessThan(plain / 15)
    expect(read(plain)).toHaveLength(40)
    expect(() => read(plain - 1)).toThrow(
      expect.objectContaining({
        code: 'SF_KAFKA_BATCH_TOO_LARGE',
        message: `the record batch at offset 70 is larger than ${plain - 1} bytes once decompressed`,
        hint: expect.stringContaining('statefun.max.decompressed.batch.bytes'),
      }),
    )
  },
)

describe('batch builder', () => {
  it('writes timestamps that lie years apart', () => {
    const records = [simple('a'), { ...simple('b'), timestamp: 0 }, { ...simple('c'), timestamp: 4e12 }]
    expect(readAll(cursorOver(built(records))).map((record) => record.timestamp)).toEqual([1.7e12, 0, 4e12])
  })

  it('never takes more room than the bound says', () => {
    const random = randomOf(4)
    for (let i = 0; i < 300; i++) {
      const record = rangesOf(randomRecord(random))
      const builder = new BatchBuilder(64)
      builder.append(record, 1_700_000_000_000)
      expect(builder.size - 61).toBeLessThanOrEqual(recordSizeBound(record))
    }
  })

  it('can be used again', () => {
    const builder = new BatchBuilder(64)
    builder.append(rangesOf(simple('first')), 5)
    builder.reset()
    builder.append(rangesOf(simple('second')), 6)
    const batch = builder.finish({ producerId: 4_294_967_301, producerEpoch: 3, baseSequence: 17 }, 'none')
    expect(readAll(cursorOver(batch)).map((record) => `${record.value} ${record.timestamp}`)).toEqual([
      'second 6',
    ])
    const [read] = readRecordsBatches(Reader.from(batch))
    expect(read).toMatchObject({ producerId: 4_294_967_301n, producerEpoch: 3, firstSequence: 17 })
  })
})

function errorOf(action: () => unknown): StatefunError {
  try {
    action()
  } catch (error) {
    if (error instanceof StatefunError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

function restampCrc(batch: Buffer): Buffer {
  const portable = (bytes: Buffer) => {
    let crc = 0xffff_ffff
    for (const byte of bytes) {
      crc ^= byte
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f6_3b78 : 0)
    }
    return (crc ^ 0xffff_ffff) >>> 0
  }
  batch.writeUInt32BE(portable(batch.subarray(21)), 17)
  return batch
}

function transactional(baseOffset: number, producerId: number, values: readonly string[]): Buffer {
  const builder = new BatchBuilder()
  for (const value of values) builder.append(rangesOf(simple(value)), 1)
  const batch = Buffer.from(builder.finish({ producerId, producerEpoch: 0, baseSequence: 0 }, 'none'))
  batch.writeBigInt64BE(BigInt(baseOffset), 0)
  batch.writeInt16BE(0x10, 21)
  return restampCrc(batch)
}

function marker(baseOffset: number, producerId: number, outcome: 'commit' | 'abort'): Buffer {
  const builder = new BatchBuilder()
  const key = Buffer.from([0, 0, 0, outcome === 'commit' ? 1 : 0])
  builder.append(rangesOf({ key, value: Buffer.alloc(6), timestamp: 1, headers: [] }), 1)
  const batch = Buffer.from(builder.finish({ producerId, producerEpoch: 0, baseSequence: -1 }, 'none'))
  batch.writeBigInt64BE(BigInt(baseOffset), 0)
  batch.writeInt16BE(0x30, 21)
  return restampCrc(batch)
}
