import type { V1ObjectMeta, V1PodSpec } from '@kubernetes/client-node'
import type { Deployment, FlinkJob } from '../deploy/deployment.ts'
import { flinkConfiguration } from './flink-configuration.ts'
import type { FlinkDeployment } from './flink-types.ts'
import { labelsOf } from './labels.ts'
import { MODULE_FOLDER, moduleAnnotation, moduleVolume } from './module-object.ts'
import { envVars, pullPolicy, pullSecrets, storageEnv } from './pod-parts.ts'

/** The operator looks for this container in a pod template (contract 7.1). */
const MAIN_CONTAINER = 'flink-main-container'

/** The job for the Flink Kubernetes Operator, in its application mode. */
export function flinkDeployment(deployment: Deployment, flink: FlinkJob): FlinkDeployment {
  const { name, namespace } = deployment
  return {
    apiVersion: 'flink.apache.org/v1beta1',
    kind: 'FlinkDeployment',
    metadata: { name, namespace, labels: labelsOf(deployment, 'flink') },
    spec: {
      image: flink.image,
      ...pullPolicy(deployment),
      flinkVersion: flink.flinkVersion,
      serviceAccount: deployment.serviceAccount,
      flinkConfiguration: flinkConfiguration(deployment, flink),
      ...(Object.keys(flink.logConfiguration).length === 0
        ? {}
        : { logConfiguration: flink.logConfiguration }),
      podTemplate: { apiVersion: 'v1', kind: 'Pod', ...podTemplate(deployment, flink) },
      jobManager: {
        replicas: flink.jobManager.replicas,
        resource: { cpu: flink.jobManager.cpu, memory: flink.jobManager.memory },
      },
      taskManager: { resource: { cpu: flink.taskManager.cpu, memory: flink.taskManager.memory } },
      job: {
        jarURI: flink.jar,
        parallelism: flink.parallelism,
        upgradeMode: flink.upgradeMode,
        state: 'running',
        ...(flink.initialSavepointPath === undefined
          ? {}
          : { initialSavepointPath: flink.initialSavepointPath }),
        ...(flink.allowNonRestoredState ? { allowNonRestoredState: true } : {}),
      },
    },
  }
}

function podTemplate(deployment: Deployment, flink: FlinkJob): { metadata: V1ObjectMeta; spec: V1PodSpec } {
  const { metricsPort } = deployment
  const env = envVars({ ...storageEnv(deployment.storage), ...flink.env })
  return {
    metadata: { annotations: moduleAnnotation(deployment), labels: labelsOf(deployment, 'flink') },
    spec: {
      containers: [
        {
          name: MAIN_CONTAINER,
          ...(env.length === 0 ? {} : { env }),
          ...(metricsPort === undefined ? {} : { ports: [{ name: 'metrics', containerPort: metricsPort }] }),
          volumeMounts: [{ name: 'module', mountPath: MODULE_FOLDER, readOnly: true }],
        },
      ],
      ...pullSecrets(deployment),
      volumes: [moduleVolume(deployment)],
    },
  }
}
