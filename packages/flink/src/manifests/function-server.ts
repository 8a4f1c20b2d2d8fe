import type {
  V1Deployment,
  V1PodDisruptionBudget,
  V1Service,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node'
import type { Deployment, FunctionServer } from '../deploy/deployment.ts'
import { labelsOf, selectorOf } from './labels.ts'
import { envVars, LOCKED_DOWN, pullPolicy, pullSecrets, resourcesOf } from './pod-parts.ts'

/** The pods of the function server. SIGTERM lets running calls finish; Flink repeats what it could not send. */
export function functionDeployment(deployment: Deployment, server: FunctionServer): V1Deployment {
  const { name, port, healthPath } = server
  const probe = { httpGet: { path: healthPath, port } }
  const env = envVars(server.env)
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(deployment, name),
    spec: {
      // An autoscaler's number must not be set back by the next apply.
      ...(server.autoscaling === undefined ? { replicas: server.replicas } : {}),
      selector: { matchLabels: selectorOf(deployment, 'functions') },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels: labelsOf(deployment, 'functions') },
        spec: {
          automountServiceAccountToken: false,
          containers: [
            {
              name: 'functions',
              image: server.image,
              ...pullPolicy(deployment),
              ...(env.length === 0 ? {} : { env }),
              ports: [{ name: 'http', containerPort: port }],
              readinessProbe: { ...probe, periodSeconds: 2, failureThreshold: 3 },
              livenessProbe: { ...probe, periodSeconds: 10, failureThreshold: 6 },
              resources: resourcesOf(server.resources),
              securityContext: LOCKED_DOWN,
              volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
            },
          ],
          ...pullSecrets(deployment),
          terminationGracePeriodSeconds: server.terminationGraceSeconds,
          topologySpreadConstraints: [
            {
              labelSelector: { matchLabels: selectorOf(deployment, 'functions') },
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
            },
          ],
          volumes: [{ name: 'tmp', emptyDir: {} }],
        },
      },
    },
  }
}

/** Where endpoints of module.yaml reach the functions: `http://<name>.<namespace>:<port>`. */
export function functionService(deployment: Deployment, { name, port }: FunctionServer): V1Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(deployment, name),
    spec: {
      ports: [{ name: 'http', port, targetPort: 'http' }],
      selector: selectorOf(deployment, 'functions'),
    },
  }
}

/** Between `min` and `max` pods by their CPU; undefined without autoscaling. */
export function functionAutoscaler(
  deployment: Deployment,
  { name, autoscaling }: FunctionServer,
): V2HorizontalPodAutoscaler | undefined {
  if (autoscaling === undefined) return undefined
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metadata(deployment, name),
    spec: {
      maxReplicas: autoscaling.max,
      metrics: [
        {
          type: 'Resource',
          resource: {
            name: 'cpu',
            target: { type: 'Utilization', averageUtilization: autoscaling.cpuPercent },
          },
        },
      ],
      minReplicas: autoscaling.min,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    },
  }
}

/** At most one pod at a time is taken away on purpose; a single one does not keep its node from being drained. */
export function functionDisruptionBudget(
  deployment: Deployment,
  { name }: FunctionServer,
): V1PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(deployment, name),
    spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(deployment, 'functions') } },
  }
}

function metadata(deployment: Deployment, name: string) {
  return { name, namespace: deployment.namespace, labels: labelsOf(deployment, 'functions') }
}
