import type {
  ConnectorContext,
  KafkaEgressDefinition,
  KafkaIngressDefinition,
  KafkaTopicRoute,
  Sink,
  Source,
  TransactionalSink,
} from '@statefun/engine'
import { kafkaConnector } from '../src/kafka-connector.ts'
import { newContext } from './recorded-context.ts'

const location = { file: 'module.yaml', line: 7, column: 3 }

/** A topic with the defaults of module.yaml. */
export function route(topic: string, changes: Partial<KafkaTopicRoute> = {}): KafkaTopicRoute {
  return {
    topic,
    valueType: 'test/value',
    targets: ['test/function'],
    forwardHeaders: false,
    invalidRecordHandling: { type: 'skip', logLevel: 'warn' },
    ...changes,
  }
}

/** An ingress that starts at the earliest offsets. */
export function ingress(
  bootstrap: string | undefined,
  topics: readonly (string | KafkaTopicRoute)[],
  changes: Partial<KafkaIngressDefinition> = {},
): KafkaIngressDefinition {
  return {
    kind: 'io.statefun.kafka.v1/ingress',
    id: 'test/ingress',
    address: bootstrap,
    consumerGroupId: undefined,
    topics: topics.map((each) => (typeof each === 'string' ? route(each) : each)),
    autoOffsetResetPosition: 'latest',
    startupPosition: { type: 'earliest' },
    properties: [],
    location,
    ...changes,
  }
}

/** An at-least-once egress. */
export function egress(
  bootstrap: string | undefined,
  changes: Partial<KafkaEgressDefinition> = {},
): KafkaEgressDefinition {
  return {
    kind: 'io.statefun.kafka.v1/egress',
    id: 'test/egress',
    address: bootstrap,
    deliverySemantic: { type: 'at-least-once' },
    properties: [],
    location,
    ...changes,
  }
}

export function newSource(
  definition: KafkaIngressDefinition,
  context: ConnectorContext = newContext(),
): Source {
  return kafkaConnector().createSource(definition, context)!
}

export function newSink(definition: KafkaEgressDefinition, context: ConnectorContext = newContext()): Sink {
  return kafkaConnector().createSink(definition, context) as Sink
}

/** An exactly-once egress. */
export function newTransactionalSink(
  bootstrap: string | undefined,
  changes: Partial<KafkaEgressDefinition> = {},
  context: ConnectorContext = newContext(),
): TransactionalSink {
  const definition = egress(bootstrap, {
    deliverySemantic: { type: 'exactly-once', transactionTimeoutMs: 60_000 },
    ...changes,
  })
  return kafkaConnector().createSink(definition, context) as TransactionalSink
}
