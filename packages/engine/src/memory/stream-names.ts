import type { KinesisIngressDefinition } from '../module/model.ts'

const PREFIX = 'kinesis:'

/**
 * Names the in-process topics that stand for Kinesis streams: `kinesis:<name>`, which no Kafka topic can be called.
 *
 * The first ARN of a name has that topic, too; a stream of the same name with another ARN, in another account or region, has
 * `kinesis:<arn>`: they do not mix.
 */
export class StreamNames {
  readonly #arns = new Map<string, string>()

  /** @param stream name or ARN */
  topicOf(stream: string): string {
    if (!stream.startsWith('arn:')) return PREFIX + stream
    const name = stream.slice(stream.indexOf('/') + 1)
    const known = this.#arns.get(name)
    if (known === undefined) this.#arns.set(name, stream)
    return known === undefined || known === stream ? PREFIX + name : PREFIX + stream
  }
}

/** The streams of an ingress, each by its ARN where there is one. */
export function ingressStreams({ streamArn, streams }: KinesisIngressDefinition): string[] {
  return streams.map(({ stream }) => streamArn ?? stream)
}
