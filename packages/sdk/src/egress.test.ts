import {
  decodeKafkaProducerRecord,
  decodeKinesisEgressRecord,
  jsonType,
  KAFKA_PRODUCER_RECORD,
  KINESIS_EGRESS_RECORD,
  types,
} from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { call, effectsOf, longMessage, refusal, wire } from '../test/support.ts'
import type { Context } from './context.ts'
import { defineFunction } from './define-function.ts'
import { egress } from './egress.ts'
import { kafkaEgress } from './kafka-egress.ts'
import { kinesisEgress } from './kinesis-egress.ts'
import { typed } from './typed.ts'

const total = jsonType<{ total: number }>('example/total')
const utf8 = (text: string) => new TextEncoder().encode(text)

async function emitted(handle: (ctx: Context) => void) {
  const fn = defineFunction({ type: 'example/counter', accepts: [types.long], handle })
  return (await effectsOf(call(fn, [longMessage(1n)]))).outgoingEgresses
}

const refused = (handle: (ctx: Context) => void) => refusal(() => emitted(handle))

describe('a Kafka egress', () => {
  const plain = kafkaEgress('counter/results')

  it('takes topic, key, typed value and headers', async () => {
    const results = kafkaEgress('counter/results', { topic: 'totals', value: total })
    const [message, other] = await emitted((ctx) => {
      ctx.emit(results, {
        key: 'alice',
        value: { total: 3 },
        headers: [
          ['source', 'counter'],
          ['source', null],
          [null, typed(types.int, 1)],
        ],
      })
      ctx.emit(results, { topic: 'other', value: { total: 4 } })
    })
    expect(message).toMatchObject({
      egressNamespace: 'counter',
      egressType: 'results',
      argument: { typename: KAFKA_PRODUCER_RECORD, hasValue: true },
    })
    const record = decodeKafkaProducerRecord(message!.argument.value)
    expect(record).toMatchObject({ topic: 'totals', key: 'alice' })
    expect(record.value).toEqual(utf8('{"total":3}'))
    expect(record.headers.map(({ key, value }) => [key, value === null ? null : [...value]])).toEqual([
      ['source', [...utf8('counter')]],
      ['source', null],
      ['', [0x0d, 1, 0, 0, 0]],
    ])
    expect(decodeKafkaProducerRecord(other!.argument.value)).toMatchObject({ topic: 'other', key: undefined })
  })

  it('takes text, bytes and typed values without a declared type (contract 2.3)', async () => {
    const messages = await emitted((ctx) => {
      ctx.emit(plain, { topic: 't', value: 'é' })
      ctx.emit(plain, { topic: 't', value: Uint8Array.of(1, 2) })
      ctx.emit(plain, { topic: 't', value: typed(types.long, 5n) })
    })
    expect(messages.map(({ argument }) => [...decodeKafkaProducerRecord(argument.value).value])).toEqual([
      [0xc3, 0xa9],
      [1, 2],
      [...types.long.serialize(5n)],
    ])
  })

  it('refuses numbers and objects without a type', async () => {
    for (const value of [5, 5n, { total: 1 }, true]) {
      const error = await refused((ctx) => ctx.emit(plain, { topic: 't', value: value as unknown as string }))
      expect(error).toMatchObject({ code: 'SF_SDK_VALUE_WITHOUT_TYPE', where: 'counter/results' })
    }
  })

  it.each([undefined, null])('refuses the value %s', async (value) => {
    const error = await refused((ctx) => ctx.emit(plain, { topic: 't', value: value as unknown as string }))
    expect(error.code).toBe('SF_SDK_VALUE_MISSING')
  })

  it('refuses a record without topic, an empty one, and a key that is no text', async () => {
    const none = await refused((ctx) => ctx.emit(plain, { value: 'x' } as { topic: string; value: string }))
    expect(none).toMatchObject({ code: 'SF_SDK_RECORD_INVALID', where: 'counter/results' })
    expect((await refused((ctx) => ctx.emit(plain, { topic: '', value: 'x' }))).code).toBe(
      'SF_SDK_RECORD_INVALID',
    )
    const key = await refused((ctx) =>
      ctx.emit(plain, { topic: 't', key: 5 as unknown as string, value: 'x' }),
    )
    expect(key.code).toBe('SF_SDK_RECORD_INVALID')
    expect((await refusal(() => kafkaEgress('counter/results', { topic: '' }))).code).toBe(
      'SF_SDK_RECORD_INVALID',
    )
    expect((await refusal(() => kafkaEgress('results'))).code).toBe('SF_TYPENAME_INVALID')
  })

  it('refuses a value its type does not hold', async () => {
    const longs = kafkaEgress('counter/results', { topic: 't', value: types.long })
    const error = await refused((ctx) => ctx.emit(longs, { value: 5 as unknown as bigint }))
    expect(error.code).toBe('SF_SDK_VALUE_INVALID')
  })

  it('refuses a header of another kind', async () => {
    const headers = { n: 5 as unknown as string }
    const error = await refused((ctx) => ctx.emit(plain, { topic: 't', value: 'x', headers }))
    expect(error.code).toBe('SF_SDK_HEADER_INVALID')
  })

  it('refuses records after the handler has finished', async () => {
    let kept: Context | undefined
    await emitted((ctx) => {
      kept = ctx
    })
    const error = await refusal(() => kept!.emit(plain, { topic: 't', value: 'x' }))
    expect(error.code).toBe('SF_SDK_LATE_EFFECT')
  })
})

describe('a Kinesis egress', () => {
  const events = kinesisEgress('counter/events', { stream: 'events' })

  it('takes stream, partition key, hash key and value', async () => {
    const plain = kinesisEgress('counter/events')
    const messages = await emitted((ctx) => {
      ctx.emit(events, { partitionKey: 'p', value: 'x' })
      ctx.emit(plain, { stream: 's', partitionKey: 'p', explicitHashKey: '12', value: Uint8Array.of(1) })
    })
    expect(messages[0]?.argument.typename).toBe(KINESIS_EGRESS_RECORD)
    expect(messages.map(({ argument }) => decodeKinesisEgressRecord(argument.value))).toMatchObject([
      { stream: 'events', partitionKey: 'p', explicitHashKey: undefined },
      { stream: 's', partitionKey: 'p', explicitHashKey: '12' },
    ])
  })

  it('refuses a record without stream, partition key or value', async () => {
    const plain = kinesisEgress('counter/events')
    const records = [
      { partitionKey: 'p', value: 'x' },
      { stream: 's', value: 'x' },
      { stream: 's', partitionKey: '', value: 'x' },
    ]
    for (const record of records) {
      const error = await refused((ctx) =>
        ctx.emit(plain, record as { stream: string; partitionKey: string; value: string }),
      )
      expect(error.code).toBe('SF_SDK_RECORD_INVALID')
    }
    for (const explicitHashKey of ['x', '-1', '01', String(2n ** 128n)]) {
      const error = await refused((ctx) =>
        ctx.emit(events, { partitionKey: 'p', explicitHashKey, value: 'x' }),
      )
      expect(error.code).toBe('SF_SDK_RECORD_INVALID')
    }
    const error = await refused((ctx) =>
      ctx.emit(events, { partitionKey: 'p', value: null as unknown as string }),
    )
    expect(error.code).toBe('SF_SDK_VALUE_MISSING')
    expect((await refusal(() => kinesisEgress('counter/events', { stream: '' }))).code).toBe(
      'SF_SDK_RECORD_INVALID',
    )
  })
})

describe('a generic egress', () => {
  it('receives the typed value as it is', async () => {
    const [message] = await emitted((ctx) => ctx.emit(egress('example/sink', types.long), 5n))
    expect(message).toEqual({
      egressNamespace: 'example',
      egressType: 'sink',
      argument: wire(types.long, 5n),
    })
  })

  it('refuses a missing value and bad names', async () => {
    const sink = egress('example/sink', types.string)
    expect((await refused((ctx) => ctx.emit(sink, undefined as unknown as string))).code).toBe(
      'SF_SDK_VALUE_MISSING',
    )
    expect((await refusal(() => egress('sink', types.long))).code).toBe('SF_TYPENAME_INVALID')
  })
})
