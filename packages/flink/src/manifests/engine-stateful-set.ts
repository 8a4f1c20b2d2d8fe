import type { V1Service, V1StatefulSet } from '@kubernetes/client-node'
import type { Deployment, EmbeddedEngine, Storage } from '../deploy/deployment.ts'
import { labelsOf, selectorOf } from './labels.ts'
import { MODULE_FOLDER, moduleAnnotation, moduleVolume } from './module-object.ts'
import { envVars, LOCKED_DOWN, pullPolicy, pullSecrets, resourcesOf, storageEnv } from './pod-parts.ts'

/** What a pod gets beyond the drain, to write its last checkpoint and publish it. */
const STOP_MARGIN_SECONDS = 30

/**
 * The engine. A StatefulSet of one replica replaces its pod only when the old one is gone, so two never run at once; were
 * there two all the same, the checkpoint's claims let only the newer one go on.
 */
export function engineStatefulSet(
  deployment: Deployment,
  engine: EmbeddedEngine,
  storage: Storage,
): V1StatefulSet {
  const { name } = deployment
  const probe = (path: string) => ({ httpGet: { path, port: 'admin' } })
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: metadata(deployment),
    spec: {
      // With OrderedReady a pod that never gets ready would not be replaced by its mended successor.
      podManagementPolicy: 'Parallel',
      replicas: 1,
      selector: { matchLabels: selectorOf(deployment, 'engine') },
      serviceName: `${name}-engine`,
      template: {
        metadata: { annotations: moduleAnnotation(deployment), labels: labelsOf(deployment, 'engine') },
        spec: {
          automountServiceAccountToken: false,
          containers: [
            {
              name: 'engine',
              image: engine.image,
              ...pullPolicy(deployment),
              ...(engine.command === undefined ? {} : { command: [...engine.command] }),
              args: engineArguments(deployment, engine, storage),
              env: envVars({ ...storageEnv(storage), ...engine.env }),
              ports: [{ name: 'admin', containerPort: engine.adminPort }],
              startupProbe: { ...probe('/health'), periodSeconds: 2, failureThreshold: 150 },
              readinessProbe: { ...probe('/ready'), periodSeconds: 5, failureThreshold: 2 },
              livenessProbe: {
                ...probe('/health'),
                periodSeconds: 10,
                timeoutSeconds: 5,
                failureThreshold: 6,
              },
              resources: resourcesOf(engine.resources),
              securityContext: LOCKED_DOWN,
              volumeMounts: [
                { name: 'module', mountPath: MODULE_FOLDER, readOnly: true },
                { name: 'tmp', mountPath: '/tmp' },
              ],
            },
          ],
          ...pullSecrets(deployment),
          serviceAccountName: deployment.serviceAccount,
          terminationGracePeriodSeconds: Math.ceil(engine.drainMs / 1000) + STOP_MARGIN_SECONDS,
          volumes: [moduleVolume(deployment), { name: 'tmp', emptyDir: {} }],
        },
      },
      updateStrategy: { type: 'RollingUpdate' },
    },
  }
}

/** Name of the pod, and where Prometheus and the `statefun` command reach the admin API. */
export function engineService(deployment: Deployment, { adminPort }: EmbeddedEngine): V1Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(deployment),
    spec: {
      clusterIP: 'None',
      ports: [{ name: 'admin', port: adminPort, targetPort: 'admin' }],
      publishNotReadyAddresses: true,
      selector: selectorOf(deployment, 'engine'),
    },
  }
}

function engineArguments(deployment: Deployment, engine: EmbeddedEngine, storage: Storage): string[] {
  return [
    'run',
    ...['--module', `${MODULE_FOLDER}/module.yaml`],
    ...['--checkpoint-place', engineCheckpointPlace(storage)],
    ...['--admin-host', '0.0.0.0', '--admin-port', String(engine.adminPort)],
    ...['--admin-names', serviceNames(deployment).join(',')],
    ...['--drain', String(engine.drainMs)],
    ...['--log', 'json'],
  ]
}

/** Those of the Service in the cluster's DNS; that of the pod is below them. */
function serviceNames({ name, namespace }: Deployment): string[] {
  const service = `${name}-engine`
  const full = `${service}.${namespace}.svc`
  return [service, `${service}.${namespace}`, full, `${full}.cluster.local`]
}

/** The URL under which the engine finds its checkpoint: `s3://bucket/prefix?endpoint=…&path-style=true`. */
export function engineCheckpointPlace(storage: Storage): string {
  const parameters = new URLSearchParams()
  if (storage.region !== undefined) parameters.set('region', storage.region)
  if (storage.endpoint !== undefined) {
    parameters.set('endpoint', storage.endpoint)
    parameters.set('path-style', String(storage.pathStyle))
  }
  return parameters.size === 0 ? storage.checkpoints : `${storage.checkpoints}?${parameters}`
}

function metadata(deployment: Deployment) {
  return {
    name: `${deployment.name}-engine`,
    namespace: deployment.namespace,
    labels: labelsOf(deployment, 'engine'),
  }
}
