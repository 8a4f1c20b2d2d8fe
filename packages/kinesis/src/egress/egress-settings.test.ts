import type { KinesisEgressDefinition } from '@statefun/engine'
import { describe, expect, it } from 'vitest'
import { egress } from '../../test/egress-definition.ts'
import { recordedContext } from '../../test/recorded-context.ts'
import { readEgressSettings } from './egress-settings.ts'

function read(clientConfigProperties: KinesisEgressDefinition['clientConfigProperties']) {
  const { logger, lines } = recordedContext()
  return { ...readEgressSettings(egress({ clientConfigProperties }), logger), lines }
}

describe('settings of an egress', () => {
  it('has the limits of Kinesis by default', () => {
    expect(read([])).toMatchObject({
      limits: { records: 500, bytes: 5 << 20 },
      maxRecordBytes: 1 << 20,
      maxOutstandingRecords: 1000,
      lingerMs: 0,
      deliveryTimeoutMs: 120_000,
      lines: [],
    })
  })

  it('reads names of Apache’s producer', () => {
    const settings = read([
      ['collectionMaxCount', '100'],
      ['CollectionMaxSize', '100000000'],
      ['RecordMaxBufferedTime', '100'],
      ['RecordTtl', '30000'],
    ])
    expect(settings).toMatchObject({
      limits: { records: 100, bytes: 10 << 20 },
      lingerMs: 100,
      deliveryTimeoutMs: 30_000,
      lines: [],
    })
  })

  it('makes room in a request for records that a stream was set up for', () => {
    expect(read([['MaxRecordSizeInKiB', '10240']])).toMatchObject({
      limits: { bytes: 10 << 20 },
      maxRecordBytes: 10 << 20,
    })
  })

  it('names what belongs to an ingress', () => {
    expect(read([['source.reader.type', 'EFO']]).lines).toEqual([
      'warn properties of egress test/egress that are not used: source.reader.type (has no effect at an egress)',
    ])
  })

  it.each([
    ['CollectionMaxCount', '501', 'a whole number from 1 to 500'],
    ['MaxRecordSizeInKiB', '10241', 'a whole number from 1 to 10240'],
    ['RecordTtl', '0', 'a whole number from 1 up'],
  ])('refuses %s %s', (name, value, expected) => {
    expect(() => read([[name, value]])).toThrow(
      `property ${name} "${value}" of egress test/egress must be ${expected}`,
    )
  })
})
