import {
  type ConnectorContext,
  type KafkaEgressDefinition,
  type KafkaIngressDefinition,
  type Sink,
  type SourcePartition,
  silentLogger,
} from '@statefun/engine'
import { kafkaConnector } from '@statefun/kafka'
import { kafkaRecordValue, type StatefunError } from '@statefun/protocol'
import type { Channel, IncomingRecord } from './channel.ts'

const CONTEXT: ConnectorContext = {
  app: 'gate',
  logger: silentLogger,
  metrics: {
    counter: () => ({ inc() {} }),
    gauge() {},
    histogram: () => ({ observe() {} }),
    render: async () => '',
  },
}

const location = { file: 'gate', line: 1, column: 1 }

/**
 * A {@link Channel} to a Kafka, by the engine's own connector: records are sent by an idempotent producer and read
 * `read_committed`, also while the broker comes and goes.
 *
 * @throws StatefunError when the broker cannot be reached; later on from `send`
 */
export async function kafkaChannel(bootstrap: string): Promise<Channel> {
  let failure: StatefunError | undefined
  const failed = (error: StatefunError) => {
    failure = error
  }
  const sink = kafkaConnector().createSink(egress(bootstrap), CONTEXT) as Sink
  const ends = new Set<() => Promise<void>>()
  await sink.start({ drained() {}, failed })
  return {
    async send(records) {
      if (failure !== undefined) throw failure
      for (const { topic, key, value } of records) {
        sink.write(kafkaRecordValue({ topic, key, value, headers: [] }))
      }
      await sink.flush()
    },
    async receive(topic, listener) {
      const source = kafkaConnector().createSource(ingress(bootstrap, topic), CONTEXT)!
      const end = () => {
        ends.delete(end)
        return source.stop()
      }
      ends.add(end)
      await source.start(
        { added() {}, ready: (partition) => handOver(topic, partition, listener), failed },
        new Map(),
      )
      return end
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...[...ends].map((end) => end()), sink.stop()])
    },
  }
}

function handOver(
  topic: string,
  partition: SourcePartition,
  listener: (record: IncomingRecord) => void,
): void {
  const index = Number(partition.name.slice(partition.name.lastIndexOf('/') + 1))
  while (partition.next()) {
    listener({
      topic,
      partition: index,
      offset: Number(partition.position()) - 1,
      key: partition.id(),
      // A view into a buffer that the next record may reuse.
      value: partition.value().slice(),
    })
  }
}

function egress(bootstrap: string): KafkaEgressDefinition {
  return {
    kind: 'io.statefun.kafka.v1/egress',
    id: 'gate/out',
    address: bootstrap,
    deliverySemantic: { type: 'at-least-once' },
    properties: [],
    location,
  }
}

function ingress(bootstrap: string, topic: string): KafkaIngressDefinition {
  return {
    kind: 'io.statefun.kafka.v1/ingress',
    id: 'gate/in',
    address: bootstrap,
    consumerGroupId: undefined,
    topics: [
      {
        topic,
        valueType: 'gate/bytes',
        targets: ['gate/reader'],
        forwardHeaders: false,
        invalidRecordHandling: { type: 'skip', logLevel: 'debug' },
      },
    ],
    autoOffsetResetPosition: 'earliest',
    startupPosition: { type: 'earliest' },
    properties: [['isolation.level', 'read_committed']],
    location,
  }
}
