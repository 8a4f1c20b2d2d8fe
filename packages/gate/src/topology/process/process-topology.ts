import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { FLINK_VERSION, STATEFUN_VERSION } from '../../flink/artifacts.ts'
import { startKafka } from '../../kafka/start-kafka.ts'
import type { LocalStack } from '../../localstack/localstack.ts'
import { startLocalStack } from '../../localstack/start-localstack.ts'
import type { Phase, Phases } from '../../run/phases.ts'
import type { Capability } from '../capability.ts'
import type { AwsAccess } from '../deployment-access.ts'
import type {
  Deployment,
  DeploymentFacts,
  DeployOptions,
  EngineName,
  Part,
  RunningApp,
  StartRequest,
  Topology,
} from '../topology.ts'
import type { EngineProcess } from './engine-process.ts'
import { FlinkApp } from './flink-app.ts'
import { FunctionServer } from './function-server.ts'
import { preconditions } from './preconditions.ts'
import { brokerPart, engineParts, flinkParts, functionsPart, localStackPart } from './process-parts.ts'
import { QUICK_START } from './quick-start.ts'
import type { Surroundings } from './surroundings.ts'

/** Deployments share a LocalStack: streams of one name are two in two regions. That of the contract's ARNs is ours. */
const REGIONS: Readonly<Record<EngineName, string>> = { embedded: 'us-east-1', flink: 'us-west-2' }

const TITLES: Readonly<Record<EngineName, string>> = {
  embedded: 'the embedded engine',
  flink: `Flink ${FLINK_VERSION} (Apache StateFun ${STATEFUN_VERSION})`,
}

/** Of real parts, whichever the engine. */
const COMMON: readonly Capability[] = [
  'exactly-once-egress',
  's3-checkpoints',
  'worker-fault',
  'functions-fault',
  'broker-fault',
  'storage-fault',
  'second-app',
]

const OF_ENGINE: Readonly<Record<EngineName, readonly Capability[]>> = {
  embedded: ['stream-arn', 'kafka-headers', 'invalid-record-policy', 'invalid-record-metrics', 'read-state'],
  flink: [],
}

/**
 * Real parts as processes of this machine: Kafka, LocalStack, a function server, and as engine `statefun run` or Flink with
 * Apache StateFun. A broker and a function server for each engine; LocalStack is shared, with a region and a bucket each.
 */
export const processTopology: Topology = {
  name: 'process',
  engines: ['embedded', 'flink'],
  preconditions: (request) => preconditions(request),
  start(request, phases) {
    const localStack = phases.run('LocalStack', [], async (_, { own }) =>
      own(
        await startLocalStack({
          services: request.kinesis ? ['s3', 'kinesis'] : ['s3'],
          logPath: join(request.folder, 'logs', 'localstack.log'),
        }),
      ),
    )
    return new Map(request.engines.map((engine) => [engine, deployment(request, engine, phases, localStack)]))
  },
}

function deployment(
  request: StartRequest,
  engine: EngineName,
  phases: Phases,
  localStack: Phase<LocalStack>,
): Promise<Deployment> {
  const folder = join(request.folder, engine)
  const logs = join(request.folder, 'logs', engine)
  const broker = phases.run(`Kafka for ${engine}`, [], async (_, { own, progress }) =>
    own(
      await startKafka({
        logPath: join(logs, 'broker.log'),
        jvmFlags: QUICK_START,
        onProgress(step) {
          if (step.phase === 'fetch') progress(`fetched ${step.done} of ${step.total} archives`)
        },
      }),
    ),
  )
  const functions = phases.run(`functions for ${engine}`, [], async (_, { own }) =>
    own(await FunctionServer.start(request.app, join(logs, 'functions.log'))),
  )
  const starter = functions.made.then(() => import('./app-starter.ts'))
  starter.catch(() => undefined)
  const around = phases.run(
    `topics and bucket for ${engine}`,
    [broker, localStack, functions],
    async ([kafka, stack, server]) => {
      await Promise.all([folder, logs].map((path) => mkdir(path, { recursive: true })))
      const aws = awsOf(request, engine, stack)
      const made: Surroundings = {
        request,
        engine,
        kafka,
        functions: server,
        localStack: stack,
        aws,
        folder,
        logs,
      }
      const { prepare, readModuleText } = await starter
      const { settled } = await prepare(made, await readModuleText(request.app.module))
      return { surroundings: made, settled }
    },
  )
  const app = phases.run(TITLES[engine], [around], async ([{ surroundings }], { own }) => {
    const { readModuleText, startApp } = await starter
    const module = await readModuleText(request.app.module)
    return own(await startApp(surroundings, { name: request.app.name, module }))
  })
  return Promise.all([around.made, app.made]).then(async ([{ surroundings, settled }, started]) => {
    await settled
    return assemble(surroundings, started)
  })
}

function awsOf({ app }: StartRequest, engine: EngineName, stack: LocalStack): AwsAccess {
  return {
    kinesis: 'localstack',
    endpoint: stack.endpoint,
    region: REGIONS[engine],
    credentials: stack.credentials,
    checkpoints: { bucket: `statefun-checkpoints-${engine}`, prefix: app.name },
  }
}

function assemble(surroundings: Surroundings, app: EngineProcess | FlinkApp): Deployment {
  const { engine, kafka, functions, localStack, request, aws } = surroundings
  const facts: DeploymentFacts = {
    name: `process on ${engine}`,
    topology: 'process',
    engine,
    engineTitle: TITLES[engine],
    capabilities: [...COMMON, ...OF_ENGINE[engine], ...(request.kinesis ? (['kinesis'] as const) : [])],
    app: request.app.name,
    kafka: { kind: 'broker', bootstrap: kafka.bootstrap },
    aws,
  }
  const parts: readonly Part[] = [
    brokerPart(kafka),
    localStackPart(localStack),
    functionsPart(functions),
    ...(app instanceof FlinkApp ? flinkParts(app) : engineParts(app)),
  ]
  return {
    facts,
    app,
    parts,
    async deploy(options: DeployOptions): Promise<RunningApp> {
      const { prepare, startApp } = await import('./app-starter.ts')
      const { settled } = await prepare(surroundings, options.module)
      const [app] = await Promise.all([startApp(surroundings, options), settled])
      return app
    },
  }
}
