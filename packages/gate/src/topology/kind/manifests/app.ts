import {
  type DeployConfig,
  type Manifest,
  manifestsOf,
  prefixedImage,
  resolveDeployment,
} from '@statefun/flink'
import { KINESIS_WITHOUT_CERTIFICATE } from '../../../flink/kinesis.ts'
import { QUICK_START } from '../../process/quick-start.ts'
import { FUNCTION_IMAGE, type KindOptions } from '../kind-options.ts'
import type { KubeObject } from '../kubernetes/kube-object.ts'
import { CREDENTIALS_SECRET } from './namespace.ts'

/** Names in the cluster (contract 7.2, 7.3). */
export const MAIN_DEPLOYMENT = 'statefun-jobmanager'
export const FUNCTION_SERVER = 'remote-function'
export const FUNCTION_PORT = 8080
export const BUCKET = 'statefun-checkpoints'

/** An app as it is deployed for a run. */
export interface AppManifestsOptions {
  readonly options: KindOptions
  readonly namespace: string
  /** Of the operator in the cluster: `1.11.0`. */
  readonly operatorVersion: string
  /** Name of the app, that of its job. */
  readonly app: string
  /** Name of the FlinkDeployment. */
  readonly deployment: string
  /** Text of module.yaml, its placeholders expanded. */
  readonly module: string
  /** S3 endpoint within the cluster. */
  readonly s3: string
  /** What the functions' image holds; with it a changed image becomes a new pod. Left out: no function server. */
  readonly functionImageId?: string
  /** Without limit when left out. */
  readonly restartAttempts?: number
}

/**
 * The objects of an app on Flink, rendered as `statefun deploy` does, with what a throwaway cluster of two cores and
 * LocalStack's certificate need.
 */
export function appManifests(from: AppManifestsOptions): readonly KubeObject[] {
  const { app, module, namespace, functionImageId } = from
  const deployment = resolveDeployment({ app, module, namespace, config: deployConfig(from) })
  return manifestsOf(deployment).map((manifest) =>
    functionImageId !== undefined && manifest.kind === 'Deployment'
      ? withImageId(manifest, functionImageId)
      : (manifest as unknown as KubeObject),
  )
}

function deployConfig(from: AppManifestsOptions): DeployConfig {
  const { options, app, deployment, s3, operatorVersion, functionImageId, restartAttempts } = from
  const place = `s3://${BUCKET}/${app}`
  return {
    profile: options.profile,
    name: deployment,
    functions:
      functionImageId === undefined
        ? false
        : {
            name: FUNCTION_SERVER,
            image: FUNCTION_IMAGE,
            port: FUNCTION_PORT,
            healthPath: '/statefun',
            replicas: 1,
            resources: {
              requests: { cpu: '50m', memory: '128Mi' },
              limits: { cpu: '500m', memory: '512Mi' },
            },
            terminationGrace: '10 s',
          },
    imagePullPolicy: 'IfNotPresent',
    flink: {
      image: prefixedImage(options.prefix, options.flinkImage),
      operatorVersion,
      serviceAccount: 'flink',
      jobManager: { cpu: 0.2, memory: '1024m' },
      taskManager: { cpu: 0.3, memory: '2048m' },
      ...(restartAttempts === undefined
        ? {}
        : { restart: { attempts: restartAttempts, delay: '1 s' }, upgradeMode: 'stateless' as const }),
      configuration: {
        // Small requests, so that all fits on two cores, and limits as in production.
        'kubernetes.jobmanager.cpu.limit-factor': 10,
        'kubernetes.taskmanager.cpu.limit-factor': 10,
        // A test waits for each start and restart.
        'env.java.opts.jobmanager': QUICK_START.join(' '),
        'env.java.opts.taskmanager': taskManagerOptions(options.profile).join(' '),
        'restart-strategy.exponential-delay.max-backoff': '1 s',
        ...(restartAttempts === undefined ? {} : { 'execution.shutdown-on-application-finish': false }),
      },
      // That of kzm has Logback, and a configuration for it.
      ...(options.profile === 'apache' ? { logConfiguration: { 'log4j-console.properties': LOG4J } } : {}),
    },
    storage: {
      checkpoints: `${place}/checkpoints`,
      savepoints: `${place}/savepoints`,
      highAvailability: `${place}/ha`,
      endpoint: s3,
      region: 'us-east-1',
      credentials: { secret: CREDENTIALS_SECRET },
    },
    // What is exactly-once comes out with a checkpoint: a test waits for several.
    checkpoint: { interval: '1 s', timeout: '2 min', retain: 3 },
    // The image for machines without a registry has no HTTP server in its Java: numbers come from Flink's REST API.
    metrics: options.profile === 'apache' ? false : {},
  }
}

/** As Flink's own, but for clients of Kafka: an exactly-once egress makes 25 at each start, and each tells all its settings. */
const LOG4J = `rootLogger.level = INFO
rootLogger.appenderRef.console.ref = Console
appender.console.name = Console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %c{1.} %m%n%throwable
logger.kafka.name = org.apache.kafka
logger.kafka.level = WARN
`

function taskManagerOptions(profile: KindOptions['profile']): readonly string[] {
  if (profile !== 'apache') return QUICK_START
  const properties = Object.entries(KINESIS_WITHOUT_CERTIFICATE)
  return [...QUICK_START, ...properties.map(([name, value]) => `-D${name}=${value}`)]
}

/** Annotation that makes pods anew when their image has changed behind its name. */
const IMAGE_ANNOTATION = 'statefun-gate/image-id'

function withImageId(manifest: Manifest, id: string): KubeObject {
  const object = manifest as unknown as KubeObject & {
    readonly spec: { readonly template: { readonly metadata?: { readonly annotations?: object } } }
  }
  const { template } = object.spec
  const annotations = { ...template.metadata?.annotations, [IMAGE_ANNOTATION]: id }
  return {
    ...object,
    spec: { ...object.spec, template: { ...template, metadata: { ...template.metadata, annotations } } },
  }
}
