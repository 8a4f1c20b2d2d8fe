import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytes, metadata, text } from '../../test/arbitraries.ts'
import { KafkaProducerRecordSchema, KinesisEgressRecordSchema } from '../../test/gen/egress_pb.js'
import { hex, toHex } from '../../test/hex.ts'
import { thrown } from '../../test/thrown.ts'
import {
  decodeKafkaProducerRecord,
  encodeKafkaProducerRecord,
  KAFKA_PRODUCER_RECORD,
  type KafkaProducerRecord,
  kafkaRecordValue,
} from './kafka-producer-record.ts'
import { KafkaRecordView, readKafkaProducerRecord } from './kafka-record-view.ts'
import {
  decodeKinesisEgressRecord,
  encodeKinesisEgressRecord,
  KINESIS_EGRESS_RECORD,
  kinesisRecordValue,
} from './kinesis-egress-record.ts'

/** Written by hand from contract 2.3: key, value_bytes, topic, headers with an empty and a null value. */
const KAFKA = '0a016b 120101 1a0174 2205 0a0168 1801 2203 0a0168'
const RECORD: KafkaProducerRecord = {
  topic: 't',
  key: 'k',
  value: Uint8Array.of(1),
  headers: [
    { key: 'h', value: new Uint8Array(0) },
    { key: 'h', value: null },
  ],
}

const KINESIS = '0a0170 120101 1a0173 220131'

test('a Kafka record is encoded as the contract says, and back', () => {
  expect(toHex(encodeKafkaProducerRecord(RECORD))).toBe(toHex(hex(KAFKA)))
  expect(decodeKafkaProducerRecord(hex(KAFKA))).toEqual(RECORD)
})

test('a Kinesis record is encoded as the contract says, and back', () => {
  const record = { stream: 's', partitionKey: 'p', value: Uint8Array.of(1), explicitHashKey: '1' }
  expect(toHex(encodeKinesisEgressRecord(record))).toBe(toHex(hex(KINESIS)))
  expect(decodeKinesisEgressRecord(hex(KINESIS))).toEqual(record)
  const plain = { ...record, explicitHashKey: undefined }
  expect(decodeKinesisEgressRecord(encodeKinesisEgressRecord(plain))).toEqual(plain)
})

test('an empty key is no key', () => {
  const bytes = encodeKafkaProducerRecord({ ...RECORD, key: '' })
  expect(bytes).toEqual(encodeKafkaProducerRecord({ ...RECORD, key: undefined }))
  expect(decodeKafkaProducerRecord(bytes).key).toBeUndefined()
})

test('records travel as values of their typename', () => {
  expect(kafkaRecordValue(RECORD)).toEqual({
    typename: KAFKA_PRODUCER_RECORD,
    hasValue: true,
    value: hex(KAFKA),
    metadata: undefined,
  })
  const record = { stream: 's', partitionKey: 'p', value: Uint8Array.of(1), explicitHashKey: '1' }
  expect(kinesisRecordValue(record)).toEqual({
    typename: KINESIS_EGRESS_RECORD,
    hasValue: true,
    value: hex(KINESIS),
    metadata: undefined,
  })
})

test('a view gives ranges and forgets the record before', () => {
  const view = new KafkaRecordView()
  readKafkaProducerRecord(hex(KAFKA), view)
  expect(view).toMatchObject({
    topic: 't',
    keyStart: 2,
    keyEnd: 3,
    valueStart: 5,
    valueEnd: 6,
    headers: RECORD.headers,
  })
  readKafkaProducerRecord(hex('1a0175'), view)
  expect(view).toMatchObject({
    topic: 'u',
    keyStart: 0,
    keyEnd: 0,
    valueStart: 0,
    valueEnd: 0,
    headers: undefined,
  })
})

test.each([
  ['KafkaProducerRecord.key', '0a05', decodeKafkaProducerRecord],
  ['KafkaProducerRecord.topic', '1801', decodeKafkaProducerRecord],
  ['KafkaProducerRecord.headers', '22020801', decodeKafkaProducerRecord],
  [
    'KafkaProducerRecord.key',
    '0a05',
    (bytes: Uint8Array) => readKafkaProducerRecord(bytes, new KafkaRecordView()),
  ],
  ['KinesisEgressRecord.stream', '1aff', decodeKinesisEgressRecord],
])('a malformed %s is named', (field, bytes, decode) => {
  const error = thrown(() => decode(hex(bytes)))
  expect(error.code).toBe('SF_PROTOCOL_MALFORMED')
  expect(error.message).toContain(field)
})

test('Kafka records are what protobuf-es says, both ways', () => {
  const record = fc.record({
    topic: text,
    key: text,
    value: bytes,
    headers: fc.array(metadata, { maxLength: 3 }),
  })
  const view = new KafkaRecordView()
  fc.assert(
    fc.property(record, (record) => {
      const es = create(KafkaProducerRecordSchema, {
        topic: record.topic,
        key: record.key,
        valueBytes: Uint8Array.from(record.value),
        headers: record.headers.map(({ key, value }) => ({
          key,
          hasValue: value !== null,
          value: Uint8Array.from(value ?? []),
        })),
      })
      expect(fromBinary(KafkaProducerRecordSchema, encodeKafkaProducerRecord(record))).toEqual(es)

      const encoded = toBinary(KafkaProducerRecordSchema, es)
      const key = record.key === '' ? undefined : record.key
      expect(decodeKafkaProducerRecord(encoded)).toEqual({ ...record, key })

      readKafkaProducerRecord(encoded, view)
      expect(Buffer.from(encoded.subarray(view.keyStart, view.keyEnd)).toString()).toBe(record.key)
      expect(encoded.slice(view.valueStart, view.valueEnd)).toEqual(record.value)
      expect(view.topic).toBe(record.topic)
      expect(view.headers ?? []).toEqual(record.headers)
    }),
  )
})

test('Kinesis records are what protobuf-es says, both ways', () => {
  const record = fc.record({ stream: text, partitionKey: text, value: bytes, explicitHashKey: text })
  fc.assert(
    fc.property(record, (record) => {
      const { value, ...rest } = record
      const es = create(KinesisEgressRecordSchema, { ...rest, valueBytes: Uint8Array.from(value) })
      expect(fromBinary(KinesisEgressRecordSchema, encodeKinesisEgressRecord(record))).toEqual(es)
      expect(decodeKinesisEgressRecord(toBinary(KinesisEgressRecordSchema, es))).toEqual({
        ...record,
        explicitHashKey: record.explicitHashKey === '' ? undefined : record.explicitHashKey,
      })
    }),
  )
})

test('damaged Kafka records decode or are refused as malformed', () => {
  const view = new KafkaRecordView()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(), (noise, at) => {
      const record = [...hex(KAFKA)]
      record.splice(at % record.length, noise.length >> 1, ...noise)
      for (const decode of [decodeKafkaProducerRecord, (b: Uint8Array) => readKafkaProducerRecord(b, view)]) {
        try {
          decode(Uint8Array.from(record))
        } catch (error) {
          expect(error).toMatchObject({ code: 'SF_PROTOCOL_MALFORMED' })
        }
      }
    }),
    { numRuns: 1000 },
  )
})
