import { describe, expect, it } from 'vitest'
import { moduleFields } from './module-fields.ts'

const find = (kind: string, path: string) =>
  moduleFields.filter((field) => field.kind === `io.statefun.${kind}` && field.path === path)

describe('moduleFields', () => {
  it('has every field of contract 4', () => {
    const paths = (kind: string) => [
      ...new Set(
        moduleFields.filter((field) => field.kind === `io.statefun.${kind}`).map(({ path }) => path),
      ),
    ]
    expect(paths('kafka.v1/ingress')).toEqual([
      'id',
      'address',
      'consumerGroupId',
      'topics',
      'topics[].topic',
      'topics[].valueType',
      'topics[].targets',
      'topics[].forwardHeaders',
      'topics[].invalidRecordHandling',
      'topics[].invalidRecordHandling.type',
      'topics[].invalidRecordHandling.logLevel',
      'autoOffsetResetPosition',
      'startupPosition',
      'startupPosition.type',
      'startupPosition.offsets',
      'startupPosition.date',
      'forwardHeaders',
      'invalidRecordHandling',
      'invalidRecordHandling.type',
      'invalidRecordHandling.logLevel',
      'properties',
    ])
    expect(paths('kafka.v1/egress').slice(2)).toEqual([
      'deliverySemantic',
      'deliverySemantic.type',
      'deliverySemantic.transactionTimeout',
      'deliverySemantic.transactionTimeoutMillis',
      'properties',
    ])
    expect(paths('playground.v1/egress')).toEqual(['port', 'topics'])
  })

  it('says type, default, condition and where a field is read', () => {
    expect(find('endpoints.v2/http', 'transport.pool_ttl')).toEqual([
      {
        kind: 'io.statefun.endpoints.v2/http',
        path: 'transport.pool_ttl',
        type: 'a duration',
        values: undefined,
        required: false,
        default: '15 s',
        when: 'transport.type: io.statefun.transports.v1/async',
        only: undefined,
        doc: 'Life of a pooled connection; 0 keeps it for ever.',
      },
    ])
    expect(find('kafka.v1/ingress', 'startupPosition.type')).toMatchObject([
      { required: true, values: ['group-offsets', 'earliest', 'latest', 'specific-offsets', 'date'] },
    ])
    expect(find('kafka.v1/ingress', 'topics[].invalidRecordHandling.logLevel')).toMatchObject([
      { default: 'warn', only: ['embedded', 'flink-kzm'] },
    ])
    expect(find('endpoints.v2/http', 'failurePolicy.egress')).toMatchObject([
      { when: 'failurePolicy.type: deadLetter', only: ['embedded'] },
    ])
    expect(find('playground.v1/ingress', 'port')).toMatchObject([{ only: ['embedded'], required: true }])
  })
})
