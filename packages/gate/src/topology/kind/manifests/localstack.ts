import type { KubeObject } from '../kubernetes/kube-object.ts'
import { nodePortService } from './node-ports.ts'
import { singlePod } from './single-pod.ts'

/** Its port on the node. */
export const LOCALSTACK_NODE_PORT = 30_566

const LABELS = { app: 'localstack' }

/** Kinesis and S3 of AWS (contract 7.3). */
export function localStackManifests(
  namespace: string,
  image: string,
  env: NodeJS.ProcessEnv = process.env,
): readonly KubeObject[] {
  const variables = {
    SERVICES: 'kinesis,s3',
    DEFAULT_REGION: 'us-east-1',
    EAGER_SERVICE_LOADING: '1',
    // The back end of Kinesis is fetched with npm on its first use, perhaps through a proxy with a certificate of its own.
    NPM_CONFIG_STRICT_SSL: env.LOCALSTACK_NPM_STRICT_SSL || 'true',
    NODE_TLS_REJECT_UNAUTHORIZED: env.LOCALSTACK_NODE_TLS_REJECT || '1',
  }
  return [
    nodePortService(namespace, 'localstack', 4566, LOCALSTACK_NODE_PORT, LABELS),
    singlePod({
      name: 'localstack',
      namespace,
      labels: LABELS,
      image,
      ports: [4566],
      env: variables,
      readinessProbe: {
        httpGet: { path: '/_localstack/health', port: 4566 },
        periodSeconds: 1,
        failureThreshold: 120,
      },
      graceSeconds: 2,
    }),
  ]
}
