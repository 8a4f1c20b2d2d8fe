import { StatefunError } from '@statefun/protocol'

/** A kind of objects and where the API keeps them. */
export interface ResourceKind {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  /** False for kinds beside the namespaces. */
  readonly namespaced: boolean
}

const kind = (apiVersion: string, name: string, plural: string, namespaced = true): ResourceKind => ({
  apiVersion,
  kind: name,
  plural,
  namespaced,
})

/** The kinds that are written or watched here. */
export const KINDS = {
  configMap: kind('v1', 'ConfigMap', 'configmaps'),
  crd: kind('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', false),
  deployment: kind('apps/v1', 'Deployment', 'deployments'),
  event: kind('v1', 'Event', 'events'),
  flinkDeployment: kind('flink.apache.org/v1beta1', 'FlinkDeployment', 'flinkdeployments'),
  flinkStateSnapshot: kind('flink.apache.org/v1beta1', 'FlinkStateSnapshot', 'flinkstatesnapshots'),
  horizontalPodAutoscaler: kind('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'),
  pod: kind('v1', 'Pod', 'pods'),
  podDisruptionBudget: kind('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  role: kind('rbac.authorization.k8s.io/v1', 'Role', 'roles'),
  roleBinding: kind('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'),
  secret: kind('v1', 'Secret', 'secrets'),
  service: kind('v1', 'Service', 'services'),
  serviceAccount: kind('v1', 'ServiceAccount', 'serviceaccounts'),
  statefulSet: kind('apps/v1', 'StatefulSet', 'statefulsets'),
} as const

/** @throws StatefunError `SF_KUBE_KIND` for a kind that is not among {@link KINDS} */
export function kindOf(object: { readonly apiVersion?: string; readonly kind?: string }): ResourceKind {
  const found = Object.values(KINDS).find(
    ({ apiVersion, kind: name }) => apiVersion === object.apiVersion && name === object.kind,
  )
  if (found !== undefined) return found
  throw new StatefunError(
    'SF_KUBE_KIND',
    `objects of kind ${object.kind} (${object.apiVersion}) are not known here`,
  )
}

/** Path of a kind, or of one object, in the API of a cluster. */
export function apiPath(
  { apiVersion, plural, namespaced }: ResourceKind,
  namespace: string,
  name?: string,
): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const scope = namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${root}${scope}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`
}
