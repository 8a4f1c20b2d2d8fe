import { type KinesisEgressRecord, kinesisRecordValue, type TypedValue } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { checkedKinesisRecord } from './kinesis-record.ts'

const sender = { namespace: 'counter', type: 'fn', id: 'alice' }
const rules = { id: 'test/egress', defaultStream: undefined, maxRecordBytes: 100 }

function value(changes: Partial<KinesisEgressRecord> = {}): TypedValue {
  return kinesisRecordValue({
    stream: 'orders',
    partitionKey: 'k',
    value: Uint8Array.of(1, 2),
    explicitHashKey: undefined,
    ...changes,
  })
}

describe('records of a Kinesis egress', () => {
  it('honours stream and hash key of the record', () => {
    const record = checkedKinesisRecord(
      value({ explicitHashKey: '7' }),
      { ...rules, defaultStream: 'other' },
      sender,
    )
    expect(record).toEqual({
      stream: 'orders',
      partitionKey: 'k',
      explicitHashKey: '7',
      data: Uint8Array.of(1, 2),
      bytes: 3,
    })
  })

  it('takes streamName for a record that names no stream', () => {
    const named = { ...rules, defaultStream: 'other' }
    expect(checkedKinesisRecord(value({ stream: '' }), named, sender).stream).toBe('other')
  })

  it('counts a key by its bytes, and its length by characters', () => {
    const partitionKey = '😀'.repeat(256)
    const record = checkedKinesisRecord(value({ partitionKey }), { ...rules, maxRecordBytes: 2000 }, sender)
    expect(record.bytes).toBe(256 * 4 + 2)
  })

  it.each([
    [
      value({ stream: '' }),
      'SF_KINESIS_NO_STREAM_NAME',
      'function [counter/fn], id [alice], stream [], partition key [k], size [3]',
    ],
    [
      value({ partitionKey: '' }),
      'SF_KINESIS_PARTITION_KEY',
      'function [counter/fn], id [alice], stream [orders], partition key [], size [2]',
    ],
    [
      value({ partitionKey: 'é'.repeat(257) }),
      'SF_KINESIS_PARTITION_KEY',
      `function [counter/fn], id [alice], stream [orders], partition key [${'é'.repeat(64)}… (257 characters)], size [516]`,
    ],
    [
      value({ explicitHashKey: '01' }),
      'SF_KINESIS_HASH_KEY',
      'function [counter/fn], id [alice], stream [orders], partition key [k], size [3]',
    ],
    [
      value({ explicitHashKey: String(2n ** 128n) }),
      'SF_KINESIS_HASH_KEY',
      'function [counter/fn], id [alice], stream [orders], partition key [k], size [3]',
    ],
    [
      value({ value: new Uint8Array(100) }),
      'SF_KINESIS_RECORD_TOO_LARGE',
      'function [counter/fn], id [alice], stream [orders], partition key [k], size [101]',
    ],
  ])('refuses %# with the coordinates and a hint', (refused, code, where) => {
    expect(() => checkedKinesisRecord(refused, rules, sender)).toThrow(
      expect.objectContaining({ code, where, hint: expect.any(String) }),
    )
  })

  it('refuses a value that is no Kinesis record', () => {
    const other = { ...value(), typename: 'a/b' }
    expect(() => checkedKinesisRecord(other, rules, undefined)).toThrow(
      expect.objectContaining({ code: 'SF_EGRESS_TYPE' }),
    )
  })
})
