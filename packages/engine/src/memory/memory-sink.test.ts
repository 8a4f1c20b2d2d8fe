import { kafkaRecordValue, types } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { MemorySink } from './memory-sink.ts'
import { MemoryTopics } from './memory-topics.ts'

function sinkOn(topics: MemoryTopics) {
  return new MemorySink(
    {
      kind: 'io.statefun.kafka.v1/egress',
      id: 'example/out',
      address: undefined,
      deliverySemantic: { type: 'at-least-once' },
      properties: [],
      location: { file: 'module.yaml', line: 1, column: 1 },
    },
    topics,
  )
}

describe('MemorySink', () => {
  it('writes key, value and headers to the topic that the record names', () => {
    const topics = new MemoryTopics()
    const value = new Uint8Array([1, 2])
    const headers = [
      { key: 'h', value: new Uint8Array([3]) },
      { key: 'h', value: null },
    ]
    sinkOn(topics).write(kafkaRecordValue({ topic: 'out', key: 'k', value, headers }))
    expect(topics.log('out', 0).at(0)).toMatchObject({
      key: new TextEncoder().encode('k'),
      value,
      headers,
    })
  })

  it('writes a record without key where the key is empty', () => {
    const topics = new MemoryTopics()
    sinkOn(topics).write(kafkaRecordValue({ topic: 'out', key: '', value: new Uint8Array(), headers: [] }))
    expect(topics.log('out', 0).at(0)).toMatchObject({ key: null, value: new Uint8Array() })
  })

  it('refuses other values than Kafka records, and records that cannot be read', () => {
    const sink = sinkOn(new MemoryTopics())
    const other = { typename: types.string.typename, hasValue: true, value: new Uint8Array() }
    expect(() => sink.write(other)).toThrowError(expect.objectContaining({ where: 'egress example/out' }))
    const { typename } = kafkaRecordValue({
      topic: 't',
      key: undefined,
      value: new Uint8Array(),
      headers: [],
    })
    expect(() => sink.write({ typename, hasValue: true, value: new Uint8Array([0xff]) })).toThrow()
  })
})
