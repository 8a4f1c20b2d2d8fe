import { StatefunError } from '@statefun/protocol'
import { test as base } from 'vitest'
import { ControlClient } from '../control/control-client.ts'
import type { AwsAccess, DeploymentAccess, KafkaAccess } from '../topology/deployment-access.ts'
import { App } from './app.ts'
import { type EngineFacts, engineFacts } from './engine.ts'
import { Faults } from './faults.ts'
import { Kafka } from './kafka/kafka.ts'
import type { TopicAccess } from './kafka/topic-access.ts'
import { Kinesis } from './kinesis/kinesis.ts'
import type { StreamAccess } from './kinesis/stream-access.ts'
import { deployment } from './provided.ts'
import type { Bucket } from './s3/bucket.ts'

/** What a test may ask for. */
export interface Fixtures {
  /** The app under test on its engine. */
  readonly app: App
  /** What runs it. */
  readonly engine: EngineFacts
  /** Topics: of a broker, or in-process. */
  readonly kafka: Kafka
  /** Streams: of a LocalStack, or in-process. */
  readonly kinesis: Kinesis
  /** The bucket of the checkpoints. Needs `s3-checkpoints`. */
  readonly s3: Bucket
  /** Kills parts; brings back at the end of the test what it did not bring back itself. Needs the tag `chaos`. */
  readonly faults: Faults
  /** What else the process of the parts offers: logs of parts, notes for the timeline. */
  readonly control: ControlClient
}

/** Limits of waits in milliseconds. */
const WAIT_MS = { embedded: 20_000, process: 60_000, kind: 120_000 } as const

/** Vitest's `test` with the fixtures of a run, see {@link Fixtures}. */
export const test = base
  .extend('access', { scope: 'worker' }, () => deployment())
  .extend('control', { scope: 'worker' }, ({ access }) => new ControlClient(access.control))
  .extend('engine', { scope: 'worker' }, ({ access }): EngineFacts => engineFacts(access))
  .extend(
    'app',
    { scope: 'worker' },
    ({ access, control }) => new App(access.app, control, WAIT_MS[access.topology]),
  )
  .extend('kafka', { scope: 'worker' }, async ({ access, control }, { onCleanup }) => {
    const topics = await topicsOf(access.kafka, control)
    onCleanup(() => topics[Symbol.asyncDispose]())
    return new Kafka(topics, WAIT_MS[access.topology], () => explain(access, control))
  })
  .extend('kinesis', { scope: 'worker' }, async ({ access, control }, { onCleanup }) => {
    const streams = await streamsOf(access.aws, control)
    onCleanup(() => streams[Symbol.asyncDispose]())
    return new Kinesis(streams, WAIT_MS[access.topology], () => explain(access, control))
  })
  .extend('s3', { scope: 'worker' }, async ({ access }, { onCleanup }) => {
    const { Bucket } = await import('./s3/bucket.ts')
    const bucket = new Bucket(access.aws)
    onCleanup(() => bucket[Symbol.asyncDispose]())
    return bucket
  })
  .extend('faults', ({ control, task }, { onCleanup }) => {
    if (!task.tags?.includes('chaos')) {
      throw new StatefunError('SF_GATE_FAULTS', 'a test that breaks parts has to run alone', {
        where: task.fullTestName,
        hint: "give it the tag for that: { tags: ['chaos'] }",
      })
    }
    const faults = new Faults(control)
    onCleanup(() => faults[Symbol.asyncDispose]())
    return faults
  })

// Each client is loaded only where it is used: most runs use few of them.

async function topicsOf(access: KafkaAccess, control: ControlClient): Promise<TopicAccess> {
  if (access.kind === 'broker') {
    const { BrokerTopics } = await import('./kafka/broker-topics.ts')
    return new BrokerTopics(access.bootstrap)
  }
  const { InProcessTopics } = await import('./kafka/in-process-topics.ts')
  return new InProcessTopics(control)
}

async function streamsOf(access: AwsAccess | undefined, control: ControlClient): Promise<StreamAccess> {
  if (access?.kinesis === 'localstack') {
    const { AwsStreams } = await import('./kinesis/aws-streams.ts')
    return new AwsStreams(access)
  }
  const { InProcessStreams } = await import('./kinesis/in-process-streams.ts')
  return new InProcessStreams(await topicsOf({ kind: 'in-process' }, control))
}

/** For the message about something that did not arrive: whether the app runs, and the end of its log. */
async function explain(access: DeploymentAccess, control: ControlClient): Promise<string> {
  try {
    const { state, restarts, checkpoints, reason } = await control.status(access.app)
    const log = (await control.appLog(access.app)).trimEnd().split('\n').slice(-5)
    return [
      `the app "${access.app}" is ${state} on ${access.engineTitle}, ${restarts} restarts, ${checkpoints} checkpoints`,
      ...(reason === undefined ? [] : [reason]),
      ...log.filter((line) => line !== ''),
    ].join('\n')
  } catch (error) {
    return `nothing is known of the app: ${error instanceof Error ? error.message : String(error)}`
  }
}
