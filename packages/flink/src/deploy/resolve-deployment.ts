import { parseDuration, StatefunError } from '@statefun/protocol'
import { prefixedImage } from '../container/image-reference.ts'
import { checkDeployShape } from './check-shape.ts'
import type { DeployConfig, Profile, StorageConfig } from './deploy-config.ts'
import type { Deployment, EmbeddedEngine, FlinkJob, FunctionServer, Storage } from './deployment.ts'
import { flinkVersionFor } from './flink-versions.ts'

/** What {@link resolveDeployment} starts from. */
export interface DeploymentInput {
  /** Name of the app. */
  readonly app: string
  readonly config: DeployConfig
  /** module.yaml as it is to be deployed: see {@link expandModule}. */
  readonly module: string
  /** Where the description names none. */
  readonly namespace?: string
  readonly imageRegistryPrefix?: string
}

/** The runner jar of the images (contract 7.5). */
const RUNNER_JAR = 'local:///opt/flink/statefun-flink-runner.jar'

/**
 * Checks a description and fills in its defaults.
 *
 * @throws StatefunError `SF_CONFIG_UNKNOWN_FIELD`, `SF_CONFIG_VALUE`, `SF_DEPLOY_MISSING`, `SF_DEPLOY_OPERATOR`,
 * `SF_IMAGE_PREFIX`
 */
export function resolveDeployment(input: DeploymentInput): Deployment {
  const { app, config } = input
  checkDeployShape(config)
  const profile = config.profile ?? 'kzm'
  const name = config.name ?? deploymentName(app)
  const prefix = config.imageRegistryPrefix ?? input.imageRegistryPrefix ?? ''
  const image = (reference: string) => prefixedImage(prefix, reference)
  const storage = resolveStorage(config.storage)
  const embedded = profile === 'embedded'
  if (storage === undefined && (embedded || config.flink?.upgradeMode !== 'stateless')) {
    throw missing('deploy.storage.checkpoints', 'write where checkpoints are kept: s3://bucket/prefix')
  }
  return {
    app,
    name,
    namespace: config.namespace ?? input.namespace ?? 'default',
    profile,
    labels: config.labels ?? {},
    imagePullPolicy: config.imagePullPolicy,
    imagePullSecrets: config.imagePullSecrets ?? [],
    module: { text: input.module, as: config.moduleAs ?? 'ConfigMap' },
    storage,
    serviceAccount: config.flink?.serviceAccount ?? `${name}-${embedded ? 'engine' : 'flink'}`,
    metricsPort: config.metrics === false ? undefined : (config.metrics?.port ?? 9249),
    functions: resolveFunctions(config, name, profile, image),
    flink: embedded ? undefined : resolveFlink(config, profile, image),
    engine: embedded ? resolveEngine(config, image) : undefined,
  }
}

function resolveFunctions(
  { functions }: DeployConfig,
  name: string,
  profile: Profile,
  image: (reference: string) => string,
): FunctionServer | undefined {
  if (functions === false) return undefined
  if (functions?.image === undefined) {
    if (profile === 'embedded' && functions === undefined) return undefined
    throw missing('deploy.functions.image', 'name the image of the functions, or write functions: false')
  }
  const { autoscaling, resources, terminationGrace = 30_000 } = functions
  return {
    name: functions.name ?? `${name}-functions`,
    image: image(functions.image),
    port: functions.port ?? 8000,
    healthPath: functions.healthPath ?? '/health',
    replicas: functions.replicas ?? 2,
    autoscaling: autoscaling === undefined ? undefined : { cpuPercent: 70, ...autoscaling },
    resources: {
      requests: resources?.requests ?? { cpu: '250m', memory: '256Mi' },
      limits: resources?.limits ?? (resources === undefined ? { memory: '512Mi' } : {}),
    },
    env: functions.env ?? {},
    terminationGraceSeconds: Math.ceil(parseDuration(terminationGrace) / 1000),
  }
}

function resolveFlink(
  config: DeployConfig,
  profile: 'kzm' | 'apache',
  image: (reference: string) => string,
): FlinkJob {
  const flink = config.flink ?? {}
  if (flink.image === undefined) {
    throw missing('deploy.flink.image', 'name an image of Flink with StateFun and its runner jar')
  }
  const operatorVersion = flink.operatorVersion ?? (profile === 'kzm' ? '1.15' : '1.11')
  const { restart, jobManager = {}, taskManager = {} } = flink
  return {
    image: image(flink.image),
    flinkVersion: flinkVersionFor(profile, operatorVersion),
    operatorVersion,
    jar: flink.jar ?? RUNNER_JAR,
    parallelism: flink.parallelism ?? 1,
    slots: flink.slots ?? 2,
    jobManager: {
      cpu: jobManager.cpu ?? 0.5,
      memory: jobManager.memory ?? '1024m',
      replicas: jobManager.replicas ?? 1,
    },
    taskManager: { cpu: taskManager.cpu ?? 1, memory: taskManager.memory ?? '2048m' },
    upgradeMode: flink.upgradeMode ?? 'last-state',
    initialSavepointPath: flink.initialSavepointPath,
    allowNonRestoredState: flink.allowNonRestoredState ?? false,
    restart:
      restart === undefined
        ? undefined
        : { attempts: restart.attempts, delayMs: parseDuration(restart.delay) },
    checkpoint: {
      intervalMs: parseDuration(config.checkpoint?.interval ?? 10_000),
      timeoutMs: parseDuration(config.checkpoint?.timeout ?? 600_000),
      retain: config.checkpoint?.retain ?? 3,
    },
    configuration: flink.configuration ?? {},
    env: flink.env ?? {},
    logConfiguration: flink.logConfiguration ?? {},
  }
}

function resolveEngine(
  { engine = {}, env }: DeployConfig,
  image: (reference: string) => string,
): EmbeddedEngine {
  if (engine.image === undefined) {
    throw missing('deploy.engine.image', 'name an image of the app whose entry point is statefun')
  }
  return {
    image: image(engine.image),
    command: engine.command,
    resources: engine.resources ?? {
      requests: { cpu: '500m', memory: '512Mi' },
      limits: { memory: '1Gi' },
    },
    env: { ...env, ...engine.env },
    drainMs: parseDuration(engine.drain ?? 20_000),
    adminPort: engine.adminPort ?? 4680,
  }
}

function resolveStorage(storage: StorageConfig | undefined): Storage | undefined {
  if (storage?.checkpoints === undefined) {
    if (storage !== undefined) throw missing('deploy.storage.checkpoints', 'write s3://bucket/prefix')
    return undefined
  }
  const given = storage.checkpoints.replace(/\/+$/, '')
  const root = given.replace(/\/checkpoints$/, '')
  const { endpoint, region, credentials } = storage
  return {
    checkpoints: `${root}/checkpoints`,
    savepoints: storage.savepoints ?? `${root}/savepoints`,
    highAvailability: storage.highAvailability ?? `${root}/ha`,
    pathStyle: storage.pathStyle ?? endpoint !== undefined,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
  }
}

/**
 * The name of an app as a name of objects: `My_Shop` is `my-shop`.
 *
 * @throws StatefunError `SF_DEPLOY_MISSING` when nothing is left of it
 */
export function deploymentName(app: string): string {
  const label = app
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[-0-9]+/g, '')
    .slice(0, 40)
    .replace(/-+$/, '')
  if (label !== '') return label
  throw missing('deploy.name', 'the name of the app gives no name for objects of Kubernetes: write one')
}

function missing(field: string, hint: string): StatefunError {
  return new StatefunError('SF_DEPLOY_MISSING', `the deployment needs "${field}"`, { hint })
}
