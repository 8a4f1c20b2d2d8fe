import type { Connector, KafkaEgressDefinition } from '@statefun/engine'
import { KafkaSink } from './kafka-sink.ts'
import { KafkaSource } from './kafka-source.ts'
import { type ExactlyOnceEgress, KafkaTransactionalSink } from './kafka-transactional-sink.ts'

/**
 * Connector for `io.statefun.kafka.v1/ingress` and `io.statefun.kafka.v1/egress` (contract 4.3, 4.4). Creating a source or
 * sink opens no connection.
 *
 * Creating one throws StatefunError for `properties` that cannot be used.
 */
export function kafkaConnector(): Connector {
  return {
    createSource(definition, context) {
      if (definition.kind !== 'io.statefun.kafka.v1/ingress') return undefined
      return new KafkaSource(definition, context)
    },
    createSink(definition, context) {
      if (definition.kind !== 'io.statefun.kafka.v1/egress') return undefined
      return isExactlyOnce(definition)
        ? new KafkaTransactionalSink(definition, context)
        : new KafkaSink(definition, context)
    },
  }
}

function isExactlyOnce(definition: KafkaEgressDefinition): definition is ExactlyOnceEgress {
  return definition.deliverySemantic.type === 'exactly-once'
}
