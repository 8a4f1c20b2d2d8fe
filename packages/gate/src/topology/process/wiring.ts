import { loadModule, type ModuleDefinition } from '@statefun/engine'

/** What an app reads and writes, as far as its module.yaml names it. */
export interface Wiring {
  /** Kafka topics of its ingresses. */
  readonly topics: readonly string[]
  /** Kinesis streams of its ingresses and egresses. */
  readonly streams: readonly string[]
}

/**
 * Reads out of a module.yaml what has to be there before the app starts.
 *
 * @throws StatefunError `SF_MODULE_…`
 */
export function wiringOf(
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Wiring {
  const { ingresses, egresses }: ModuleDefinition = loadModule(text, { file, env })
  const topics = ingresses.flatMap((ingress) =>
    ingress.kind === 'io.statefun.kafka.v1/ingress' ? ingress.topics.map(({ topic }) => topic) : [],
  )
  const read = ingresses.flatMap((ingress) =>
    ingress.kind === 'io.statefun.kinesis.v1/ingress'
      ? ingress.streams.map(({ stream }) => streamName(ingress.streamArn) ?? stream)
      : [],
  )
  const written = egresses.flatMap((egress) =>
    egress.kind === 'io.statefun.kinesis.v1/egress' && egress.streamName !== undefined
      ? [egress.streamName]
      : [],
  )
  return { topics: [...new Set(topics)], streams: [...new Set([...read, ...written])] }
}

/** An ARN ends in `stream/<name>`; where there is one it decides (contract 4.5). */
function streamName(arn: string | undefined): string | undefined {
  return arn === undefined ? undefined : /\/(.+)$/.exec(arn)?.[1]
}
