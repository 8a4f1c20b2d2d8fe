import type { KinesisIngressDefinition } from '../model.ts'
import type { ReadContext } from '../read-context.ts'
import { date } from '../readers/date.ts'
import { list } from '../readers/list.ts'
import { object, type ReadObject } from '../readers/object.ts'
import { NOT_APACHE, optional, required } from '../readers/reader.ts'
import { scalar, text, typename } from '../readers/scalars.ts'
import { plainCase, variant, variantCase } from '../readers/variant.ts'
import { awsCredentials, awsRegion } from './aws.ts'
import type { Binding, ModuleKind } from './kind.ts'
import { checkClientProperties } from './kinesis-client-properties.ts'
import { properties, toPropertyList } from './properties.ts'
import { lastWins, references, routeFields, warnWrappedText } from './routing.ts'

type StartupPosition = KinesisIngressDefinition['startupPosition']

const DATE_FORM = 'write type: date and date: 2020-02-01 04:15:00.000 +0000'

const startupPosition = variant({
  cases: {
    latest: plainCase<StartupPosition>({ type: 'latest' }),
    earliest: plainCase<StartupPosition>({ type: 'earliest' }),
    date: variantCase({
      fields: { date: required(date, 'Date of the pattern yyyy-MM-dd HH:mm:ss.SSS Z.') },
      mistakes: { timestamp: DATE_FORM },
      build: ({ values }): StartupPosition => ({ type: 'date', epochMs: values.date }),
    }),
  },
  mistakes: {
    'trim-horizon': 'write earliest',
    TRIM_HORIZON: 'write earliest',
    'at-timestamp': DATE_FORM,
    AT_TIMESTAMP: DATE_FORM,
    timestamp: DATE_FORM,
  },
})

const streamArn = scalar('a stream ARN', (value) =>
  /^arn:[^:\s]+:kinesis:[^:\s]*:[^:\s]*:stream\/\S+$/.test(value)
    ? { value }
    : {
        expected: 'a stream ARN',
        hint: 'write for example arn:aws:kinesis:us-east-1:000000000000:stream/orders',
      },
)

const streamEntry = object({
  fields: { stream: required(text, 'Name of the stream.'), ...routeFields },
  mistakes: {
    streamArn: 'streamArn stands at the level of spec, beside streams',
    arn: 'streamArn stands at the level of spec, beside streams',
    topic: 'write stream',
    streamName: 'write stream',
  },
  build({ values, valueOffset }, context) {
    warnWrappedText(values.valueType, valueOffset('valueType'), context)
    return { ...values, targets: references(values.targets) }
  },
})

const fields = {
  id: required(typename, 'Id of the ingress, <namespace>/<name>.'),
  awsRegion: optional(awsRegion, 'Region or endpoint.', { default: '{type: default}' }),
  awsCredentials: optional(awsCredentials, 'Credentials.', { default: '{type: default}' }),
  startupPosition: optional(startupPosition, 'Where to begin when no checkpoint is restored.', {
    default: '{type: latest}',
  }),
  streamArn: optional(streamArn, 'ARN of the one stream of this ingress.', { only: NOT_APACHE }),
  streams: required(list(streamEntry, { min: 1 }), 'Streams that are read, and where their records go.'),
  clientConfigProperties: optional(properties, 'Properties of the client.', { default: '[]' }),
}

function build(read: ReadObject<typeof fields>, context: ReadContext): Binding | undefined {
  const { values, keyOffset, valueOffset, shown } = read
  const entries = lastWins(values.streams, (entry) => entry.stream, context)
  checkStreams(read, entries.length, context)
  checkClientProperties(values.clientConfigProperties, context)
  const offset = valueOffset('id')
  if (keyOffset('streamArn') !== undefined && entries.length > 1 && !context.forFlink) {
    const message = 'with streamArn there is exactly one entry of streams'
    const hint = 'write an ingress for each stream'
    return context.error('SF_MODULE_BAD_VALUE', valueOffset('streams'), message, hint)
  }
  return {
    role: 'ingress',
    key: { name: values.id, shown: shown('id'), offset },
    definition: {
      kind: KIND,
      id: values.id,
      awsRegion: values.awsRegion ?? { type: 'default' },
      awsCredentials: values.awsCredentials ?? { type: 'default' },
      startupPosition: values.startupPosition ?? { type: 'latest' },
      streamArn: values.streamArn,
      streams: entries.map((entry) => ({
        stream: entry.stream,
        valueType: entry.valueType,
        targets: entry.targets.map(({ name }) => name),
      })),
      clientConfigProperties: toPropertyList(values.clientConfigProperties),
      location: context.location(offset),
    },
    targets: entries.flatMap((entry) => entry.targets),
  }
}

/** kzm's source reads one stream, found by its ARN (contract 4.5). */
function checkStreams(read: ReadObject<typeof fields>, count: number, context: ReadContext): void {
  if (context.target !== 'flink-kzm') return
  if (read.keyOffset('streamArn') === undefined) {
    const message = 'kzm StateFun does not start a Kinesis ingress without streamArn'
    context.error('SF_MODULE_FLINK_REFUSES', read.offset, message, 'set streamArn at the level of spec')
  }
  if (count > 1) {
    const message = 'kzm StateFun reads one stream per ingress'
    const hint = 'write an ingress for each stream'
    context.error('SF_MODULE_FLINK_REFUSES', read.valueOffset('streams'), message, hint)
  }
}

const KIND = 'io.statefun.kinesis.v1/ingress'

/** `io.statefun.kinesis.v1/ingress` (contract 4.5). */
export const kinesisIngress: ModuleKind = {
  kind: KIND,
  role: 'ingress',
  doc: 'Records of Kinesis streams become messages; the partition key is the id of the function.',
  only: undefined,
  spec: object({
    fields,
    mistakes: {
      region: 'write awsRegion',
      credentials: 'write awsCredentials',
      properties: 'write clientConfigProperties',
      stream: 'write a list streams',
    },
    build,
  }),
}
