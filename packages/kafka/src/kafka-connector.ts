import type { Connector } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { KafkaSink } from './kafka-sink.ts'
import { KafkaSource } from './kafka-source.ts'

/**
 * Connector for `io.statefun.kafka.v1/ingress` and `io.statefun.kafka.v1/egress` (contract 4.3, 4.4). Creating a source or
 * sink opens no connection.
 *
 * Creating one throws StatefunError for `properties` that cannot be used, and
 * `SF_KAFKA_EXACTLY_ONCE_NOT_AVAILABLE` for an egress with exactly-once delivery.
 */
export function kafkaConnector(): Connector {
  return {
    createSource(definition, context) {
      if (definition.kind !== 'io.statefun.kafka.v1/ingress') return undefined
      return new KafkaSource(definition, context)
    },
    createSink(definition, context) {
      if (definition.kind !== 'io.statefun.kafka.v1/egress') return undefined
      if (definition.deliverySemantic.type === 'exactly-once') {
        throw new StatefunError(
          'SF_KAFKA_EXACTLY_ONCE_NOT_AVAILABLE',
          `egress ${definition.id} asks for exactly-once delivery, which this engine does not offer yet`,
          {
            where: `${definition.location.file}:${definition.location.line}:${definition.location.column}`,
            hint: 'set deliverySemantic: {type: at-least-once}',
          },
        )
      }
      return new KafkaSink(definition, context)
    },
  }
}
