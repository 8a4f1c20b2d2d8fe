import { kafkaRecordValue, StatefunError, type TypedValue } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import {
  egress,
  ingress,
  newContext,
  newSink,
  newSource,
  newTransactionalSink,
  RecordedSinkListener,
  Taker,
} from '../test/kit.ts'
import { kafkaConnector } from './kafka-connector.ts'

const NOBODY = '127.0.0.1:1'

describe('kafka connector', () => {
  it('leaves other kinds to other connectors', () => {
    const location = { file: 'm', line: 1, column: 1 }
    const kind = 'io.statefun.playground.v1/ingress'
    expect(
      kafkaConnector().createSource(
        { kind, id: 'io.statefun.playground/ingress', port: 0, location },
        newContext(),
      ),
    ).toBeUndefined()
    expect(
      kafkaConnector().createSink(
        {
          kind: 'io.statefun.playground.v1/egress',
          id: 'io.statefun.playground/egress',
          port: 0,
          topics: [],
          location,
        },
        newContext(),
      ),
    ).toBeUndefined()
  })

  describe.each([
    ['at-least-once', (value: TypedValue) => newSink(egress(NOBODY)).write(value)],
    ['exactly-once', (value: TypedValue) => newTransactionalSink(NOBODY).check(value)],
  ])('an egress with %s', (_semantic, take) => {
    const encoded = (bytes: readonly number[]) => ({
      ...kafkaRecordValue({ topic: 't', key: undefined, value: Buffer.alloc(0), headers: [] }),
      value: Uint8Array.from(bytes),
    })
    const refusal = (code: string) => expect.objectContaining({ code })

    it('refuses other values by naming both types', () => {
      const other = { typename: 'io.statefun.types/string', hasValue: true, value: Buffer.alloc(0) }
      expect(() => take(other)).toThrow(StatefunError)
      expect(() => take(other)).toThrow(/KafkaProducerRecord, not of type io\.statefun\.types\/string/)
    })

    it('refuses keys that are no UTF-8', () => {
      expect(() => take(encoded([0x1a, 1, 0x74, 0x0a, 1, 0xff]))).toThrow(refusal('SF_KAFKA_KEY_INVALID'))
    })

    it.each(['', '.', '..', 'a b', 'ä', 'x'.repeat(250)])('refuses records for topic "%s"', (topic) => {
      const value = kafkaRecordValue({ topic, key: 'k', value: Buffer.alloc(0), headers: [] })
      expect(() => take(value)).toThrow(refusal('SF_KAFKA_TOPIC_INVALID'))
    })

    it('refuses records that no request can hold', () => {
      const value = kafkaRecordValue({ topic: 't', key: 'k', value: Buffer.alloc(1 << 20), headers: [] })
      expect(() => take(value)).toThrow(refusal('SF_KAFKA_RECORD_TOO_LARGE'))
    })

    it('takes all others', () => {
      take(kafkaRecordValue({ topic: 't', key: 'ä', value: Buffer.alloc(1 << 19), headers: [] }))
    })
  })

  it.each([
    ['acks', '1', 'all'],
    ['enable.idempotence', 'false', 'true'],
  ])('refuses the property %s=%s with exactly-once', (name, value, wanted) => {
    expect(() => newTransactionalSink(NOBODY, { properties: [[name, value]] })).toThrow(
      expect.objectContaining({
        code: 'SF_KAFKA_PROPERTY_INVALID',
        message: expect.stringContaining(`${name} "${value}" of egress test/egress must be ${wanted}`),
      }),
    )
  })

  it('names the properties that exactly-once does not use', () => {
    const context = newContext()
    const names = ['linger.ms', 'retries', 'delivery.timeout.ms', 'transactional.id', 'compression.type']
    const values: Record<string, string> = { 'compression.type': 'zstd' }
    newTransactionalSink(
      NOBODY,
      { properties: names.map((name) => [name, values[name] ?? '5'] as const) },
      context,
    )
    expect(context.logger.lines).toEqual([
      'warn properties of egress test/egress that are not used: ' +
        'linger.ms (has no effect with exactly-once delivery), retries (has no effect with exactly-once delivery), ' +
        'delivery.timeout.ms (has no effect with exactly-once delivery), transactional.id (has no effect in this engine)',
    ])
  })

  it('names the address when nobody answers, after one warning', async () => {
    const context = newContext()
    const source = newSource(
      ingress(NOBODY, ['t'], { properties: [['default.api.timeout.ms', '400']] }),
      context,
    )
    await expect(source.start(new Taker(), new Map())).rejects.toMatchObject({
      code: 'SF_KAFKA_UNREACHABLE',
      message: expect.stringContaining(NOBODY),
    })
    expect(context.logger.matching('warn')).toHaveLength(1)
    const sink = newSink(egress(NOBODY, { properties: [['max.block.ms', '0']] }))
    await expect(sink.start(new RecordedSinkListener())).rejects.toMatchObject({
      code: 'SF_KAFKA_UNREACHABLE',
    })
  })

  it('can be stopped while it still looks for the cluster', async () => {
    const sink = newSink(egress(NOBODY))
    const started = expect(sink.start(new RecordedSinkListener())).rejects.toThrow()
    await sink.stop()
    await sink.stop()
    await started
  })

  it('does not wait in flush when the delivery semantic is none', async () => {
    const sink = newSink(egress(NOBODY, { deliverySemantic: { type: 'none' } }))
    sink.write(kafkaRecordValue({ topic: 't', key: 'k', value: Buffer.alloc(0), headers: [] }))
    await sink.flush()
    await sink.stop()
  })
})
