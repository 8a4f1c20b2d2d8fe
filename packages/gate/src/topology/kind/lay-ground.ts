import { join } from 'node:path'
import type { KubeApi } from '@statefun/flink'
import type { PhaseContext } from '../../run/phases.ts'
import type { StartRequest } from '../topology.ts'
import type { KindCluster } from './kind-cluster.ts'
import { logPath, logPathOf, NAMESPACE, WITHIN } from './kind-places.ts'
import { applyAll } from './kubernetes/apply-all.ts'
import { PodLogs } from './kubernetes/pod-logs.ts'
import { writeSnapshot } from './kubernetes/snapshot.ts'
import { namespaceManifests } from './manifests/namespace.ts'
import type { OperatorManifests } from './manifests/operator.ts'

/**
 * Makes what everything else in the cluster lies on, and begins to keep what happens there: logs of pods as they come, and
 * before the cluster goes, what Kubernetes knows of it, in `kubernetes/` of the run's folder.
 */
export async function layGround(
  { kube, created }: KindCluster,
  operator: OperatorManifests,
  { folder }: StartRequest,
  { own, signal }: Pick<PhaseContext, 'own' | 'signal'>,
): Promise<void> {
  const since = new Date()
  own(new PodLogs(kube, NAMESPACE, since, (pod) => logPathOf(folder, pod)))
  own(new PodLogs(kube, operator.namespace, since, () => logPath(folder, 'operator')))
  own({
    async [Symbol.asyncDispose]() {
      await Promise.all(
        [NAMESPACE, operator.namespace].map((name) =>
          writeSnapshot(kube, name, join(folder, 'kubernetes', name)),
        ),
      )
    },
  })
  await Promise.all([
    applyAll(kube, [...namespaceManifests(NAMESPACE, WITHIN.aws.credentials), ...operator.crds], signal),
    ...(created ? [oneDnsServer(kube.api, signal)] : []),
  ])
}

/** Two servers of names are for clusters of several nodes, and ask for a fifth of a core. */
async function oneDnsServer(api: KubeApi, signal: AbortSignal): Promise<void> {
  await api.json('/apis/apps/v1/namespaces/kube-system/deployments/coredns', {
    method: 'PATCH',
    contentType: 'application/strategic-merge-patch+json',
    body: {
      spec: {
        replicas: 1,
        template: {
          spec: { containers: [{ name: 'coredns', resources: { requests: { cpu: '10m' } } }] },
        },
      },
    },
    signal,
  })
}
