import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aggregate, unpackWithAws } from '../../test/aggregate.ts'
import { deaggregate } from './deaggregate.ts'
import { belongTo, hashKeyOf } from './hash-range.ts'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
const bytes = (value: string) => Buffer.from(value)

/** The package of AWS mixes up keys that are small numbers. */
const record = fc.record(
  {
    partitionKey: fc.string({ maxLength: 40, unit: 'grapheme' }).map((key) => `key ${key}`),
    // The package of AWS takes no empty ones.
    data: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    explicitHashKey: fc.bigInt(1n << 64n, (1n << 128n) - 1n).map(String),
  },
  { requiredKeys: ['partitionKey', 'data'] },
)

function framed(message: Uint8Array): Buffer {
  const digest = createHash('md5').update(message).digest()
  return Buffer.concat([Buffer.from('f3899ac2', 'hex'), message, digest])
}

describe('an aggregated record', () => {
  it('holds what the package of AWS put in', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 60 }), (records) => {
        const found = deaggregate(aggregate(records))
        expect(found?.map((each) => ({ ...each, data: Buffer.from(each.data) }))).toEqual(
          records.map(({ partitionKey, data, explicitHashKey }) => ({
            partitionKey,
            explicitHashKey,
            data: Buffer.from(data),
          })),
        )
      }),
    )
  })

  it('is read as the package of AWS reads it', () => {
    const packed = aggregate([
      { partitionKey: 'b', data: bytes('one') },
      { partitionKey: 'a', data: bytes('two'), explicitHashKey: '17' },
      { partitionKey: 'b', data: bytes('three') },
    ])
    expect(
      deaggregate(packed)?.map((each) => ({ partitionKey: each.partitionKey, text: text(each.data) })),
    ).toEqual(unpackWithAws(packed))
  })

  it('may have fields that are not known, and none at all', () => {
    const tagged = Buffer.from('0a016b1a0b08001a01782204 0a026162'.replaceAll(' ', ''), 'hex')
    expect(deaggregate(framed(tagged))).toMatchObject([{ partitionKey: 'k', explicitHashKey: undefined }])
    expect(deaggregate(framed(Buffer.alloc(0)))).toEqual([])
  })
})

describe('a plain record', () => {
  const packed = aggregate([{ partitionKey: 'a', data: bytes('one') }])

  it.each([
    ['is empty', Buffer.alloc(0)],
    ['is the magic alone', packed.subarray(0, 4)],
    ['is cut off', packed.subarray(0, -1)],
    ['has a wrong checksum', Buffer.from([...packed.subarray(0, -1), packed.at(-1)! ^ 1])],
    ['has other content', Buffer.from([...packed.subarray(0, 6), 0, ...packed.subarray(7)])],
    ['has another magic', Buffer.from([0xf3, 0x89, 0x9a, 0xc3, ...packed.subarray(4)])],
    ['is no message behind the magic', framed(Buffer.from([0xff, 0xff]))],
    ['names a key that is not there', framed(Buffer.from('1a0508051a0178', 'hex'))],
    ['claims a length beyond its end', framed(Buffer.from('0a7f41', 'hex'))],
  ])('%s', (_, data) => {
    expect(deaggregate(data)).toBeUndefined()
  })

  it('is any other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (data) => {
        expect(deaggregate(data)).toBeUndefined()
        deaggregate(framed(data))
      }),
    )
  })
})

describe('the range of a shard', () => {
  const half = 1n << 127n
  const lower = { first: 0n, last: half - 1n }
  const sub = (partitionKey: string, explicitHashKey?: string) => ({
    partitionKey,
    explicitHashKey,
    data: bytes('x'),
  })

  it('is asked with the explicit hash key, else with the MD5 of the partition key', () => {
    expect(hashKeyOf(sub('a', '42'))).toBe(42n)
    expect(hashKeyOf(sub('a'))).toBe(BigInt('0x0cc175b9c0f1b6a831c399e269772661'))
  })

  it('must hold all records of an aggregate', () => {
    expect(belongTo(lower, [sub('a'), sub('b', '5')])).toBe(true)
    expect(belongTo(lower, [sub('a'), sub('a', String(half))])).toBe(false)
    expect(belongTo({ first: half, last: half * 2n - 1n }, [sub('a')])).toBe(false)
    expect(belongTo({ first: 0n, last: half * 2n - 1n }, [sub('a', String(half))])).toBe(true)
  })
})
