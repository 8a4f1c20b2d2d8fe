import type { KafkaIngressDefinition } from '../model.ts'
import type { ReadContext } from '../read-context.ts'
import type { ReadObject } from '../readers/object.ts'
import type { KafkaIngressFields } from './kafka-ingress.ts'
import { hasProperty } from './properties.ts'

/** What Flink does with a Kafka ingress other than our engine (contract 4.3, 11). */
export function checkKafkaIngress(
  definition: KafkaIngressDefinition,
  read: ReadObject<KafkaIngressFields>,
  context: ReadContext,
): void {
  // A value that could not be read was reported; it is not missing as well.
  const isSet = (field: 'address' | 'consumerGroupId', property: string) =>
    read.keyOffset(field) !== undefined || hasProperty(read.values.properties, property)
  if (context.forFlink && !isSet('address', 'bootstrap.servers')) {
    const message = 'Flink needs the bootstrap servers'
    context.error('SF_MODULE_FLINK_REFUSES', read.offset, message, 'set address')
  }
  if (context.target !== 'flink-kzm') return
  if (!isSet('consumerGroupId', 'group.id')) {
    const message = 'kzm StateFun cannot build a Kafka source without a consumer group'
    context.error('SF_MODULE_FLINK_REFUSES', read.offset, message, 'set consumerGroupId')
  }
  const reset = read.keyOffset('autoOffsetResetPosition')
  if (reset !== undefined) {
    const message = 'autoOffsetResetPosition has no effect on kzm StateFun: the startup position decides it'
    context.warning('SF_MODULE_FLINK_IGNORES', reset, message, 'set startupPosition')
  }
  if (definition.startupPosition.type === 'group-offsets') {
    context.warning(
      'SF_MODULE_FLINK_DIFFERS',
      read.valueOffset('startupPosition'),
      'on kzm StateFun group-offsets fails while the group has no committed offsets, as in a fresh deployment',
      'use earliest in fresh deployments',
    )
  }
}
