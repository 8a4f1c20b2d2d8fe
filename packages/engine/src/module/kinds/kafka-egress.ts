import type { KafkaEgressDefinition } from '../model.ts'
import type { ReadContext } from '../read-context.ts'
import { object, type ReadObject } from '../readers/object.ts'
import { optional, required } from '../readers/reader.ts'
import { INT_MAX, integer, text, timeout, typename } from '../readers/scalars.ts'
import { plainCase, variant, variantCase } from '../readers/variant.ts'
import type { Binding, ModuleKind } from './kind.ts'
import { hasProperty, properties, resolveNamed, toPropertyList } from './properties.ts'

type DeliverySemantic = KafkaEgressDefinition['deliverySemantic']

const exactlyOnceFields = {
  transactionTimeout: optional(
    timeout,
    'Life of a transaction: above checkpoint interval plus restart time, below transaction.max.timeout.ms of the broker.',
  ),
  transactionTimeoutMillis: optional(
    integer(1, INT_MAX),
    'The older form, in milliseconds; wins when both are there.',
  ),
}

function buildExactlyOnce(
  { values, keyOffset, offset, path }: ReadObject<typeof exactlyOnceFields>,
  context: ReadContext,
): DeliverySemantic | undefined {
  const millisOffset = keyOffset('transactionTimeoutMillis')
  const timeoutOffset = keyOffset('transactionTimeout')
  if (millisOffset !== undefined && timeoutOffset !== undefined) {
    const message = `${path}.transactionTimeout has no effect: transactionTimeoutMillis wins`
    context.warning('SF_MODULE_NO_EFFECT', timeoutOffset, message, 'keep transactionTimeout only')
  }
  if (millisOffset === undefined && timeoutOffset === undefined) {
    const message = `${path} needs the field "transactionTimeout" with exactly-once`
    const hint = 'write for example transactionTimeout: 15min'
    return context.error('SF_MODULE_MISSING_FIELD', offset, message, hint)
  }
  const transactionTimeoutMs =
    millisOffset === undefined ? values.transactionTimeout : values.transactionTimeoutMillis
  return transactionTimeoutMs === undefined ? undefined : { type: 'exactly-once', transactionTimeoutMs }
}

const fields = {
  id: required(typename, 'Id of the egress, <namespace>/<name>.'),
  address: optional(text, 'Bootstrap servers; wins over the property bootstrap.servers.'),
  deliverySemantic: optional(
    variant({
      cases: {
        'at-least-once': plainCase<DeliverySemantic>({ type: 'at-least-once' }),
        'exactly-once': variantCase({ fields: exactlyOnceFields, build: buildExactlyOnce }),
        none: plainCase<DeliverySemantic>({ type: 'none' }),
      },
    }),
    'Guarantee of delivery.',
    { default: '{type: at-least-once}' },
  ),
  properties: optional(properties, 'Properties of the producer.', { default: '[]' }),
}

function build(
  { values, offset, keyOffset, valueOffset, shown }: ReadObject<typeof fields>,
  context: ReadContext,
): Binding {
  const address = resolveNamed(
    values.properties,
    'bootstrap.servers',
    { name: 'address', value: values.address },
    context,
  )
  const deliverySemantic = values.deliverySemantic ?? { type: 'at-least-once' }
  const merged = ['bootstrap.servers']
  if (deliverySemantic.type === 'exactly-once') {
    merged.push('transaction.timeout.ms')
    const value = `${deliverySemantic.transactionTimeoutMs}`
    resolveNamed(values.properties, 'transaction.timeout.ms', { name: 'transactionTimeout', value }, context)
  }
  const addressed = keyOffset('address') !== undefined || hasProperty(values.properties, 'bootstrap.servers')
  if (context.forFlink && !addressed) {
    context.error('SF_MODULE_FLINK_REFUSES', offset, 'Flink needs the bootstrap servers', 'set address')
  }
  if (context.target === 'flink-kzm' && deliverySemantic.type === 'exactly-once') {
    context.error(
      'SF_MODULE_FLINK_REFUSES',
      valueOffset('deliverySemantic'),
      'an exactly-once egress cannot start on kzm StateFun: it never sets the transactional id prefix that Flink 2 asks for',
      'use at-least-once on kzm StateFun; no field of module.yaml mends it',
    )
  }
  const at = valueOffset('id')
  return {
    role: 'egress',
    key: { name: values.id, shown: shown('id'), offset: at },
    definition: {
      kind: KIND,
      id: values.id,
      address,
      deliverySemantic,
      properties: toPropertyList(values.properties, merged),
      location: context.location(at),
    },
  }
}

const KIND = 'io.statefun.kafka.v1/egress'

/** `io.statefun.kafka.v1/egress` (contract 4.4). */
export const kafkaEgress: ModuleKind = {
  kind: KIND,
  role: 'egress',
  doc: 'Writes records to Kafka; each record names its topic.',
  only: undefined,
  spec: object({
    fields,
    mistakes: {
      brokers: 'write address',
      bootstrapServers: 'write address',
      topic: 'every record names its own topic',
      transactionTimeout: 'write it below deliverySemantic',
    },
    build,
  }),
}
