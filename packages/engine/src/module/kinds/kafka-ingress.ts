import type { InvalidRecordHandling, KafkaIngressDefinition, KafkaTopicRoute } from '../model.ts'
import type { ReadContext } from '../read-context.ts'
import { list } from '../readers/list.ts'
import { object, type ReadObject } from '../readers/object.ts'
import { NOT_APACHE, optional, required } from '../readers/reader.ts'
import { boolean, oneOf, text, topicName, typename } from '../readers/scalars.ts'
import { plainCase, variant, variantCase } from '../readers/variant.ts'
import { checkKafkaIngress } from './kafka-ingress-on-flink.ts'
import { kafkaStartupPosition } from './kafka-startup-position.ts'
import type { Binding, ModuleKind, Reference } from './kind.ts'
import { properties, resolveNamed, toPropertyList } from './properties.ts'
import { lastWins, references, routeFields, warnWrappedText } from './routing.ts'

const DEFAULT_HANDLING: InvalidRecordHandling = { type: 'skip', logLevel: 'warn' }

const invalidRecordHandling = variant({
  default: 'skip',
  cases: {
    skip: variantCase({
      fields: {
        logLevel: optional(
          oneOf(['debug', 'info', 'warn', 'error'], { ignoreCase: true }),
          'Level of the line that is logged for each skipped record.',
          { default: 'warn' },
        ),
      },
      build: ({ values }): InvalidRecordHandling => ({ type: 'skip', logLevel: values.logLevel ?? 'warn' }),
    }),
    fail: plainCase<InvalidRecordHandling>(
      { type: 'fail' },
      { logLevel: 'logLevel is only allowed with type: skip' },
    ),
  },
})

const handlingOptions = { default: '{type: skip, logLevel: warn}', only: NOT_APACHE }

interface TopicEntry {
  readonly topic: string
  readonly valueType: string
  readonly targets: readonly Reference[]
  readonly forwardHeaders: boolean | undefined
  readonly invalidRecordHandling: InvalidRecordHandling | undefined
}

const topicEntry = object({
  fields: {
    topic: required(topicName, 'Name of the topic.'),
    ...routeFields,
    forwardHeaders: optional(boolean, 'Overrides forwardHeaders of the ingress.', { only: NOT_APACHE }),
    invalidRecordHandling: optional(
      invalidRecordHandling,
      'Replaces invalidRecordHandling of the ingress as a whole.',
      { only: NOT_APACHE },
    ),
  },
  mistakes: { typeUrl: 'write valueType', name: 'write topic' },
  build({ values, valueOffset }, context): TopicEntry {
    warnWrappedText(values.valueType, valueOffset('valueType'), context)
    return { ...values, targets: references(values.targets) }
  },
})

const fields = {
  id: required(typename, 'Id of the ingress, <namespace>/<name>.'),
  address: optional(text, 'Bootstrap servers; wins over the property bootstrap.servers.'),
  consumerGroupId: optional(text, 'Consumer group; wins over the property group.id.'),
  topics: required(list(topicEntry, { min: 1 }), 'Topics that are read, and where their records go.'),
  autoOffsetResetPosition: optional(
    oneOf(['earliest', 'latest'], { ignoreCase: true }),
    'Where to go on when the wanted offset does not exist.',
    { default: 'latest' },
  ),
  startupPosition: optional(kafkaStartupPosition, 'Where to begin when no checkpoint is restored.', {
    default: '{type: latest}',
  }),
  forwardHeaders: optional(boolean, 'Hands record headers to the functions.', {
    default: 'false',
    only: NOT_APACHE,
  }),
  invalidRecordHandling: optional(
    invalidRecordHandling,
    'What happens with records without a key or without a value.',
    handlingOptions,
  ),
  properties: optional(properties, 'Properties of the consumer.', { default: '[]' }),
}

/** The fields of the kind, for checks that read the same table. */
export type KafkaIngressFields = typeof fields

const MERGED = ['bootstrap.servers', 'group.id', 'auto.offset.reset']

function build(read: ReadObject<KafkaIngressFields>, context: ReadContext): Binding {
  const { values, valueOffset, shown } = read
  const address = resolveNamed(
    values.properties,
    'bootstrap.servers',
    { name: 'address', value: values.address },
    context,
  )
  const consumerGroupId = resolveNamed(
    values.properties,
    'group.id',
    { name: 'consumerGroupId', value: values.consumerGroupId },
    context,
  )
  const reset = values.properties?.find(({ name }) => name === 'auto.offset.reset')
  if (reset !== undefined) {
    const message = 'the property auto.offset.reset has no effect'
    context.warning('SF_MODULE_NO_EFFECT', reset.offset, message, 'set the field autoOffsetResetPosition')
  }
  const entries = lastWins(values.topics, (entry) => entry.topic, context)
  const topics = entries.map(
    (entry): KafkaTopicRoute => ({
      topic: entry.topic,
      valueType: entry.valueType,
      targets: entry.targets.map(({ name }) => name),
      forwardHeaders: entry.forwardHeaders ?? values.forwardHeaders ?? false,
      invalidRecordHandling: entry.invalidRecordHandling ?? values.invalidRecordHandling ?? DEFAULT_HANDLING,
    }),
  )
  const startupPosition = values.startupPosition?.position ?? { type: 'latest' }
  for (const { topic, offset } of values.startupPosition?.topics ?? []) {
    if (topics.some((route) => route.topic === topic)) continue
    const message = `the offset has no effect: the ingress does not read the topic ${topic}`
    context.warning('SF_MODULE_NO_EFFECT', offset, message)
  }
  const offset = valueOffset('id')
  const definition: KafkaIngressDefinition = {
    kind: KIND,
    id: values.id,
    address,
    consumerGroupId,
    topics,
    autoOffsetResetPosition: values.autoOffsetResetPosition ?? 'latest',
    startupPosition,
    properties: toPropertyList(values.properties, MERGED),
    location: context.location(offset),
  }
  checkKafkaIngress(definition, read, context)
  return {
    role: 'ingress',
    key: { name: values.id, shown: shown('id'), offset },
    definition,
    targets: entries.flatMap((entry) => entry.targets),
  }
}

const KIND = 'io.statefun.kafka.v1/ingress'

/** `io.statefun.kafka.v1/ingress` (contract 4.3). */
export const kafkaIngress: ModuleKind = {
  kind: KIND,
  role: 'ingress',
  doc: 'Records of Kafka topics become messages; the key of a record is the id of the function.',
  only: undefined,
  spec: object({
    fields,
    mistakes: {
      brokers: 'write address',
      bootstrapServers: 'write address',
      groupId: 'write consumerGroupId',
      autoOffsetReset: 'write autoOffsetResetPosition',
      topic: 'write a list topics with an entry for each topic',
      valueType: 'write it in each entry of topics',
      targets: 'write it in each entry of topics',
    },
    build,
  }),
}
