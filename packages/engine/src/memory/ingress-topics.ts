import type { ModuleDefinition } from '../module/model.ts'
import { ingressStreams, StreamNames } from './stream-names.ts'

/** The in-process topics that the ingresses of an app read, as {@link memoryConnector} names them. */
export function ingressTopics({ ingresses }: Pick<ModuleDefinition, 'ingresses'>): string[] {
  const streams = new StreamNames()
  const topics = ingresses.flatMap((ingress) => {
    switch (ingress.kind) {
      case 'io.statefun.kafka.v1/ingress':
        return ingress.topics.map(({ topic }) => topic)
      case 'io.statefun.kinesis.v1/ingress':
        return ingressStreams(ingress).map((stream) => streams.topicOf(stream))
      default:
        return []
    }
  })
  return [...new Set(topics)]
}
