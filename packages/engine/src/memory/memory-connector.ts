import type { Connector } from '../connector/connector.ts'
import { kinesisUnavailable } from '../connector/kinesis-unavailable.ts'
import { MemorySink } from './memory-sink.ts'
import { MemorySource } from './memory-source.ts'
import type { MemoryTopics } from './memory-topics.ts'

/**
 * Serves the Kafka kinds of module.yaml from in-process topics: the app runs with no broker at all. Addresses and
 * `properties` are not looked at; routes, startup positions, `forwardHeaders` and `invalidRecordHandling` hold as with
 * Kafka. Delivery to an egress is at-least-once across restarts, also where module.yaml asks for more.
 *
 * Its methods throw StatefunError `SF_KINESIS_NOT_AVAILABLE` for the Kinesis kinds.
 */
export function memoryConnector(topics: MemoryTopics): Connector {
  return {
    createSource(definition, context) {
      if (definition.kind === 'io.statefun.kafka.v1/ingress')
        return new MemorySource(definition, topics, context)
      return kinesisUnavailable.createSource(definition, context)
    },
    createSink(definition, context) {
      if (definition.kind === 'io.statefun.kafka.v1/egress') return new MemorySink(definition, topics)
      return kinesisUnavailable.createSink(definition, context)
    },
  }
}
