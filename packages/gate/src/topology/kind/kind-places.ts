import { join } from 'node:path'
import type { AwsAccess } from '../deployment-access.ts'
import type { PartName } from '../topology.ts'
import type { KindCluster } from './kind-cluster.ts'
import type { PodObject } from './kubernetes/kube-object.ts'
import { BUCKET, FUNCTION_PORT, FUNCTION_SERVER, MAIN_DEPLOYMENT } from './manifests/app.ts'
import { KAFKA_NODE_PORT } from './manifests/kafka.ts'
import { LOCALSTACK_NODE_PORT } from './manifests/localstack.ts'

/** The namespace of everything but the operator (contract 7.3). */
export const NAMESPACE = 'statefun-e2e'

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' }
const REGION = 'us-east-1'

/** Labels of the pods of each part, as in a URL; those of the operator are in its manifests. */
export const SELECTORS: Readonly<Record<Exclude<PartName, 'operator'>, string>> = {
  broker: 'app=kafka',
  localstack: 'app=localstack',
  functions: `app.kubernetes.io/name=${MAIN_DEPLOYMENT},app.kubernetes.io/component=functions`,
  'job-manager': `app=${MAIN_DEPLOYMENT},component=jobmanager`,
  worker: `app=${MAIN_DEPLOYMENT},component=taskmanager`,
}

/** `localhost:<port>` of the broker for tests. */
export function bootstrapOf({ hostPort }: KindCluster): string {
  return `127.0.0.1:${hostPort(KAFKA_NODE_PORT)}`
}

/** LocalStack for tests. */
export function awsOf({ hostPort }: KindCluster, app: string): AwsAccess {
  return {
    kinesis: 'localstack',
    endpoint: `http://127.0.0.1:${hostPort(LOCALSTACK_NODE_PORT)}`,
    region: REGION,
    credentials: CREDENTIALS,
    checkpoints: { bucket: BUCKET, prefix: app },
  }
}

/** Where the parts are for each other. */
export const WITHIN = {
  bootstrap: `kafka.${NAMESPACE}:9092`,
  functionsUrl: `http://${FUNCTION_SERVER}.${NAMESPACE}:${FUNCTION_PORT}/statefun`,
  aws: {
    kinesis: 'localstack',
    endpoint: `http://localstack.${NAMESPACE}:4566`,
    region: REGION,
    credentials: CREDENTIALS,
  },
} as const satisfies { bootstrap: string; functionsUrl: string; aws: AwsAccess }

/** The file with what a part's pods say. */
export function logPath(folder: string, part: PartName): string {
  return join(folder, 'logs', `${part}.log`)
}

/** The file that a pod of {@link NAMESPACE} logs to. */
export function logPathOf(folder: string, { metadata }: PodObject): string | undefined {
  const labels = metadata.labels ?? {}
  const part = Object.entries(SELECTORS).find(([, selector]) =>
    selector.split(',').every((term) => {
      const [label = '', value] = term.split('=')
      return labels[label] === value
    }),
  )
  if (part !== undefined) return logPath(folder, part[0] as PartName)
  // Of an app that a test deployed beside the main one.
  const { app, component } = labels
  if (component === undefined) return undefined
  return secondLogPath(folder, app ?? metadata.name, component)
}

/** The file with what the pods of another FlinkDeployment say. */
export function secondLogPath(folder: string, deployment: string, component: string): string {
  return join(folder, 'logs', `${deployment}-${component}.log`)
}
