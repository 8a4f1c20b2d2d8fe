import { StatefunError } from '@statefun/protocol'
import type { ConnectorContext } from '../connector/connector.ts'
import type { InvalidRecord } from '../connector/invalid-record.ts'
import type { Source } from '../connector/source.ts'
import type { KinesisIngressDefinition } from '../module/model.ts'
import { type MemoryIngress, MemorySource } from './memory-source.ts'
import type { MemoryTopics } from './memory-topics.ts'
import { ingressStreams, type StreamNames } from './stream-names.ts'

/** A Kinesis ingress of module.yaml on in-process topics. Every record of a stream has a partition key and data. */
export function memoryStreamSource(
  definition: KinesisIngressDefinition,
  topics: MemoryTopics,
  names: StreamNames,
  context: ConnectorContext,
): Source {
  const { id, startupPosition, streams } = definition
  const identities = ingressStreams(definition)
  const ingress: MemoryIngress = {
    id,
    startupPosition,
    consumerGroupId: undefined,
    autoOffsetResetPosition: 'latest',
    topics: streams.map(({ valueType, targets }, index) => ({
      topic: names.topicOf(identities[index]!),
      valueType,
      targets,
      forwardHeaders: false,
      invalidRecordHandling: { type: 'fail' },
    })),
  }
  return new MemorySource(ingress, topics, context, refuse)
}

function refuse({ defect, topic, partition, offset }: InvalidRecord): never {
  const lacks = defect === 'NULL_KEY' ? 'partition key' : 'data'
  throw new StatefunError('SF_KINESIS_INVALID_RECORD', `a record of the stream ${topic} has no ${lacks}`, {
    where: `${topic}/${partition} at ${offset}`,
    hint: 'give it both: no record of Kinesis is without',
  })
}
