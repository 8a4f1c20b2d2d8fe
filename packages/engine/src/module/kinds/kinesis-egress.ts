import type { ReadContext } from '../read-context.ts'
import { object, type ReadObject } from '../readers/object.ts'
import { NOT_APACHE, optional, required } from '../readers/reader.ts'
import { INT_MAX, integer, text, typename } from '../readers/scalars.ts'
import { awsCredentials, awsRegion } from './aws.ts'
import type { Binding, ModuleKind } from './kind.ts'
import { checkClientProperties } from './kinesis-client-properties.ts'
import { properties, toPropertyList } from './properties.ts'

/** Records in one request of Flink's Kinesis sink; its buffer must hold more. */
const KZM_BATCH_SIZE = 500
const DEFAULT_OUTSTANDING = 1000

const fields = {
  id: required(typename, 'Id of the egress, <namespace>/<name>.'),
  awsRegion: optional(awsRegion, 'Region or endpoint.', { default: '{type: default}' }),
  awsCredentials: optional(awsCredentials, 'Credentials.', { default: '{type: default}' }),
  maxOutstandingRecords: optional(integer(1, INT_MAX), 'Records that may wait to be acknowledged.', {
    default: `${DEFAULT_OUTSTANDING}`,
  }),
  streamName: optional(text, 'Short name of the stream; kzm StateFun writes every record to it.', {
    only: NOT_APACHE,
  }),
  clientConfigProperties: optional(properties, 'Properties of the client.', { default: '[]' }),
}

function build(read: ReadObject<typeof fields>, context: ReadContext): Binding {
  const { values, valueOffset, shown } = read
  checkForKzm(read, context)
  checkClientProperties(values.clientConfigProperties, context)
  const offset = valueOffset('id')
  return {
    role: 'egress',
    key: { name: values.id, shown: shown('id'), offset },
    definition: {
      kind: KIND,
      id: values.id,
      awsRegion: values.awsRegion ?? { type: 'default' },
      awsCredentials: values.awsCredentials ?? { type: 'default' },
      maxOutstandingRecords: values.maxOutstandingRecords ?? DEFAULT_OUTSTANDING,
      streamName: values.streamName,
      clientConfigProperties: toPropertyList(values.clientConfigProperties),
      location: context.location(offset),
    },
  }
}

function checkForKzm(read: ReadObject<typeof fields>, context: ReadContext): void {
  if (context.target !== 'flink-kzm') return
  const outstanding = read.values.maxOutstandingRecords
  if (outstanding !== undefined && outstanding <= KZM_BATCH_SIZE) {
    const message = `kzm StateFun needs maxOutstandingRecords above the batch size of ${KZM_BATCH_SIZE}`
    context.error('SF_MODULE_FLINK_REFUSES', read.valueOffset('maxOutstandingRecords'), message)
  }
  const streamName = read.keyOffset('streamName')
  if (streamName === undefined) {
    const message = 'kzm StateFun does not start a Kinesis egress without streamName'
    context.error('SF_MODULE_FLINK_REFUSES', read.offset, message, 'set streamName at the level of spec')
    return
  }
  context.warning(
    'SF_MODULE_FLINK_DIFFERS',
    streamName,
    'kzm StateFun writes every record to streamName: stream and explicit hash key of a record are ignored',
    'define an egress for each stream',
  )
}

const KIND = 'io.statefun.kinesis.v1/egress'

/** `io.statefun.kinesis.v1/egress` (contract 4.5). */
export const kinesisEgress: ModuleKind = {
  kind: KIND,
  role: 'egress',
  doc: 'Writes records to Kinesis streams, at least once.',
  only: undefined,
  spec: object({
    fields,
    mistakes: {
      region: 'write awsRegion',
      credentials: 'write awsCredentials',
      properties: 'write clientConfigProperties',
      stream: 'every record names its own stream; kzm StateFun reads streamName',
      streamArn: 'the egress is named by streamName',
    },
    build,
  }),
}
