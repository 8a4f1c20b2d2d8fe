import type { Connector } from '../connector/connector.ts'
import { MemorySink } from './memory-sink.ts'
import { MemorySource } from './memory-source.ts'
import { MemoryStreamSink } from './memory-stream-sink.ts'
import { memoryStreamSource } from './memory-stream-source.ts'
import type { MemoryTopics } from './memory-topics.ts'
import { StreamNames } from './stream-names.ts'

/**
 * Serves the Kafka and Kinesis kinds of module.yaml from in-process topics: the app runs with no broker and no cloud at all.
 * Addresses, credentials and `properties` are not looked at; routes, startup positions, `forwardHeaders` and
 * `invalidRecordHandling` hold as with Kafka, records are refused as by Kinesis. Delivery to an egress is at-least-once
 * across restarts, also where module.yaml asks for more.
 *
 * The stream `orders` is the topic `kinesis:orders` (see {@link StreamNames}): a Kafka topic of its name is another one.
 */
export function memoryConnector(topics: MemoryTopics): Connector {
  const streams = new StreamNames()
  return {
    createSource(definition, context) {
      switch (definition.kind) {
        case 'io.statefun.kafka.v1/ingress':
          return new MemorySource(definition, topics, context)
        case 'io.statefun.kinesis.v1/ingress':
          return memoryStreamSource(definition, topics, streams, context)
        default:
          return undefined
      }
    },
    createSink(definition) {
      switch (definition.kind) {
        case 'io.statefun.kafka.v1/egress':
          return new MemorySink(definition, topics)
        case 'io.statefun.kinesis.v1/egress':
          return new MemoryStreamSink(definition, topics, streams)
        default:
          return undefined
      }
    },
  }
}
