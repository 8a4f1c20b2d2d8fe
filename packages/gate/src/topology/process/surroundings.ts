import { ensureTopic } from '../../kafka/create-topic.ts'
import type { KafkaBroker } from '../../kafka/kafka-broker.ts'
import type { LocalStack } from '../../localstack/localstack.ts'
import type { AwsAccess } from '../deployment-access.ts'
import type { EngineName, StartRequest } from '../topology.ts'
import type { FunctionServer } from './function-server.ts'
import { moduleValues } from './module-values.ts'
import { renderModule } from './render-module.ts'
import { wiringOf } from './wiring.ts'

/** Everything around the apps of one deployment. */
export interface Surroundings {
  readonly request: StartRequest
  readonly engine: EngineName
  readonly kafka: KafkaBroker
  readonly functions: FunctionServer
  readonly localStack: LocalStack
  readonly aws: AwsAccess
  /** Of this deployment: logs, and what its processes are started from. */
  readonly folder: string
  readonly logs: string
}

/** What the placeholders of a module stand for here, by name. */
export function valuesOf({ kafka, functions, aws }: Surroundings): Readonly<Record<string, string>> {
  return moduleValues({ bootstrap: kafka.bootstrap, functionsUrl: functions.url, aws })
}

/**
 * Makes what has to be there before an app starts: the topics of its ingresses, its streams, the bucket.
 *
 * @param module text of its module.yaml
 * @returns `settled`: until then no record may be sent to its streams
 * @throws StatefunError `SF_MODULE_…`, `SF_GATE_KAFKA_ADMIN`, `SF_GATE_LOCALSTACK`
 */
export async function prepare(
  surroundings: Surroundings,
  module: string,
): Promise<{ readonly settled: Promise<void> }> {
  const { request, kafka, localStack, aws } = surroundings
  const text = renderModule(module, { withoutKinesis: !request.kinesis })
  const env = { ...process.env, ...valuesOf(surroundings) }
  const { topics, streams } = wiringOf(text, request.app.module, env)
  const [begun] = await Promise.all([
    Promise.all(streams.map((stream) => localStack.beginStream(stream, { region: aws.region }))),
    ...(aws.checkpoints === undefined ? [] : [localStack.createBucket(aws.checkpoints.bucket)]),
    ...topics.map((topic) => ensureTopic(kafka.bootstrap, topic)),
  ])
  return { settled: Promise.all(begun.map(({ settled }) => settled)).then(() => undefined) }
}
