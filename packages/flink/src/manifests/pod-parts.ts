import type { V1EnvVar, V1ResourceRequirements, V1SecurityContext } from '@kubernetes/client-node'
import type { EnvValue, ResourceRequirements, Resources } from '../deploy/deploy-config.ts'
import type { Deployment, Storage } from '../deploy/deployment.ts'

/** Variables of a container, in the order of their names. */
export function envVars(env: Readonly<Record<string, EnvValue>>): V1EnvVar[] {
  return Object.entries(env)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) =>
      typeof value === 'string'
        ? { name, value }
        : { name, valueFrom: { secretKeyRef: { name: value.secret, key: value.key } } },
    )
}

/**
 * Variables with which the AWS SDKs of Flink's S3 plugins and of our engine find region and credentials. The keys stay in
 * their Secret: with none configured, the plugins ask the SDK's default chain, which looks into the environment first.
 */
export function storageEnv(storage: Storage | undefined): Record<string, EnvValue> {
  const { credentials, region } = storage ?? {}
  return {
    ...(region === undefined ? {} : { AWS_REGION: region }),
    ...(credentials === undefined || 'role' in credentials
      ? {}
      : {
          AWS_ACCESS_KEY_ID: {
            secret: credentials.secret,
            key: credentials.accessKeyId ?? 'access-key-id',
          },
          AWS_SECRET_ACCESS_KEY: {
            secret: credentials.secret,
            key: credentials.secretAccessKey ?? 'secret-access-key',
          },
        }),
  }
}

/** Requests and limits as Kubernetes takes them. */
export function resourcesOf(resources: ResourceRequirements): V1ResourceRequirements {
  const part = (name: 'requests' | 'limits', { cpu, memory }: Resources = {}) => {
    const values = {
      ...(cpu === undefined ? {} : { cpu: String(cpu) }),
      ...(memory === undefined ? {} : { memory }),
    }
    return Object.keys(values).length === 0 ? {} : { [name]: values }
  }
  return { ...part('requests', resources.requests), ...part('limits', resources.limits) }
}

/** How images of a pod are pulled. */
export function pullPolicy({ imagePullPolicy }: Deployment): { imagePullPolicy?: string } {
  return imagePullPolicy === undefined ? {} : { imagePullPolicy }
}

/** Secrets with which images of a pod are pulled. */
export function pullSecrets({ imagePullSecrets }: Deployment): { imagePullSecrets?: { name: string }[] } {
  return imagePullSecrets.length === 0 ? {} : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }
}

/** A container that needs nothing of its node: no root, no capabilities, a root file system that is only read. */
export const LOCKED_DOWN: V1SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
}
