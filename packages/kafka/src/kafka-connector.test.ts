import { kafkaRecordValue, StatefunError } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { egress, ingress, newContext, newSink, newSource, RecordedSinkListener, Taker } from '../test/kit.ts'
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

  it('refuses exactly-once at creation, with the egress, its place and the alternative', () => {
    const definition = egress(NOBODY, { deliverySemantic: { type: 'exactly-once', transactionTimeoutMs: 1 } })
    expect(() => newSink(definition)).toThrow(
      expect.objectContaining({
        code: 'SF_KAFKA_EXACTLY_ONCE_NOT_AVAILABLE',
        message: expect.stringContaining('test/egress'),
        where: 'module.yaml:7:3',
        hint: expect.stringContaining('at-least-once'),
      }),
    )
  })

  it('refuses other values by naming both types', () => {
    const write = () =>
      newSink(egress(NOBODY)).write({
        typename: 'io.statefun.types/string',
        hasValue: true,
        value: Buffer.alloc(0),
      })
    expect(write).toThrow(StatefunError)
    expect(write).toThrow(/KafkaProducerRecord, not of type io\.statefun\.types\/string/)
  })

  it('refuses keys that are no UTF-8 and records without topic', () => {
    const sink = newSink(egress(NOBODY))
    const value = (bytes: readonly number[]) => ({
      ...kafkaRecordValue({ topic: 't', key: undefined, value: Buffer.alloc(0), headers: [] }),
      value: Uint8Array.from(bytes),
    })
    expect(() => sink.write(value([0x1a, 1, 0x74, 0x0a, 1, 0xff]))).toThrow(
      expect.objectContaining({ code: 'SF_KAFKA_KEY_INVALID' }),
    )
    expect(() => sink.write(value([0x0a, 1, 0x61]))).toThrow(
      expect.objectContaining({ code: 'SF_KAFKA_TOPIC_INVALID' }),
    )
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
