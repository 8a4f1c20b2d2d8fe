import { setTimeout as sleep } from 'node:timers/promises'
import { StatefunError } from '@statefun/protocol'
import { ensureTopic } from '../../kafka/create-topic.ts'
import { answersMetadata } from '../../kafka/probe.ts'
import { createStream, startBackEnd } from '../../localstack/kinesis-call.ts'
import type { AwsAccess } from '../deployment-access.ts'
import { renderModule } from '../process/render-module.ts'
import { wiringOf } from '../process/wiring.ts'
import { createBucket } from './create-bucket.ts'
import { BUCKET } from './manifests/app.ts'

/** What {@link topicsOf} and {@link streamsOf} read. */
export interface ModuleSource {
  /** Text of module.yaml with its placeholders. */
  readonly text: string
  /** Its path, for messages. */
  readonly file: string
  readonly values: Readonly<Record<string, string>>
  readonly kinesis: boolean
}

const ANSWER_TIMEOUT_MS = 60_000
const POLL_MS = 100
const POLL_TIMEOUT_MS = 5_000

/**
 * Settles when the broker answers on this machine: the way through the node is open a moment after its pod is ready.
 *
 * @throws StatefunError `SF_GATE_START_TIMEOUT`
 */
export async function untilBrokerAnswers(bootstrap: string): Promise<void> {
  const [host, port] = bootstrap.split(':')
  await untilAnswers('the broker', bootstrap, () => answersMetadata(Number(port), host))
}

async function untilAnswers(what: string, where: string, asks: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + ANSWER_TIMEOUT_MS
  while (!(await asks())) {
    if (performance.now() > deadline) {
      throw new StatefunError('SF_GATE_START_TIMEOUT', `${what} does not answer`, { where })
    }
    await sleep(POLL_MS)
  }
}

/** Makes the topics that an app reads. */
export async function makeTopics(bootstrap: string, module: ModuleSource): Promise<void> {
  await untilBrokerAnswers(bootstrap)
  await Promise.all(wiring(module).topics.map((topic) => ensureTopic(bootstrap, topic)))
}

/** Makes the bucket and, where the run has Kinesis, the streams that an app reads and writes; returns whether the bucket is empty. */
export async function makeBucketAndStreams(aws: AwsAccess, module: ModuleSource): Promise<boolean> {
  const { endpoint = '', region, credentials } = aws
  await untilAnswers('LocalStack', endpoint, () =>
    fetch(`${endpoint}/_localstack/health`, { signal: AbortSignal.timeout(POLL_TIMEOUT_MS) }).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  const place = { endpoint, region, credentials, logPath: endpoint }
  const streams = async () => {
    if (!module.kinesis) return
    await startBackEnd(place)
    await Promise.all(wiring(module).streams.map((stream) => createStream(place, stream, 1)))
  }
  const [isEmpty] = await Promise.all([createBucket(endpoint, BUCKET), streams()])
  return isEmpty
}

function wiring({ text, file, values, kinesis }: ModuleSource) {
  return wiringOf(renderModule(text, { withoutKinesis: !kinesis }), file, { ...process.env, ...values })
}
