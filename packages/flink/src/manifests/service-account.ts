import type { V1Role, V1RoleBinding, V1ServiceAccount } from '@kubernetes/client-node'
import type { Deployment } from '../deploy/deployment.ts'
import { labelsOf } from './labels.ts'

/** The account that the job or the engine runs under; with IRSA it says which role it assumes. */
export function serviceAccount(deployment: Deployment): V1ServiceAccount {
  const { credentials } = deployment.storage ?? {}
  const annotations =
    credentials !== undefined && 'role' in credentials
      ? { annotations: { 'eks.amazonaws.com/role-arn': credentials.role } }
      : {}
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { ...metadata(deployment), ...annotations },
  }
}

/** What the JobManager may do: start its TaskManagers and keep its leader election (contract 7.1). */
export function flinkRole(deployment: Deployment): V1Role {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: metadata(deployment),
    rules: [
      { apiGroups: [''], resources: ['pods', 'configmaps'], verbs: ['*'] },
      { apiGroups: ['apps'], resources: ['deployments', 'deployments/finalizers'], verbs: ['*'] },
    ],
  }
}

/** Gives {@link flinkRole} to {@link serviceAccount}. */
export function flinkRoleBinding(deployment: Deployment): V1RoleBinding {
  const { namespace, serviceAccount: name } = deployment
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: metadata(deployment),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  }
}

function metadata(deployment: Deployment) {
  return {
    name: deployment.serviceAccount,
    namespace: deployment.namespace,
    labels: labelsOf(deployment, deployment.profile === 'embedded' ? 'engine' : 'flink'),
  }
}
