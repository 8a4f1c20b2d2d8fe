import type { KubeObject } from '../kubernetes/kube-object.ts'

/** Its port on the node. */
export const LOCALSTACK_NODE_PORT = 30_566

const LABELS = { app: 'localstack' }

/** Kinesis and S3 of AWS (contract 7.3). */
export function localStackManifests(
  namespace: string,
  image: string,
  env: NodeJS.ProcessEnv = process.env,
): readonly KubeObject[] {
  const metadata = { name: 'localstack', namespace, labels: LABELS }
  const variables = {
    SERVICES: 'kinesis,s3',
    DEFAULT_REGION: 'us-east-1',
    EAGER_SERVICE_LOADING: '1',
    // The back end of Kinesis is fetched with npm on its first use, perhaps through a proxy with a certificate of its own.
    NPM_CONFIG_STRICT_SSL: env.LOCALSTACK_NPM_STRICT_SSL || 'true',
    NODE_TLS_REJECT_UNAUTHORIZED: env.LOCALSTACK_NODE_TLS_REJECT || '1',
  }
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        type: 'NodePort',
        selector: LABELS,
        ports: [{ name: 'edge', port: 4566, nodePort: LOCALSTACK_NODE_PORT }],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: LABELS },
        template: {
          metadata: { labels: LABELS },
          spec: {
            enableServiceLinks: false,
            terminationGracePeriodSeconds: 2,
            containers: [
              {
                name: 'localstack',
                image,
                imagePullPolicy: 'IfNotPresent',
                ports: [{ containerPort: 4566 }],
                env: Object.entries(variables).map(([name, value]) => ({ name, value })),
                readinessProbe: {
                  httpGet: { path: '/_localstack/health', port: 4566 },
                  periodSeconds: 1,
                  failureThreshold: 120,
                },
                resources: { requests: { cpu: '100m', memory: '512Mi' } },
              },
            ],
          },
        },
      },
    },
  ]
}
