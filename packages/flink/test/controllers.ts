import type { LiveObject } from '../src/cluster/cluster.ts'
import type { Controller, MemoryCluster } from '../src/cluster/memory-cluster.ts'
import { KINDS } from '../src/cluster/resource-kind.ts'

/** What the job of a FlinkDeployment does, by its image. */
export type JobBehaviour = (image: string) => 'RUNNING' | 'FAILED' | 'CREATED'

/** Plays the Deployment controller: pods are ready at once. */
export const deploymentsReady: Controller = (cluster, { type, object }) => {
  if (object.kind !== 'Deployment' || type === 'DELETED') return
  const generation = object.metadata?.generation ?? 0
  if ((object.status as { observedGeneration?: number } | undefined)?.observedGeneration === generation)
    return
  const replicas = (object.spec as { replicas?: number }).replicas ?? 1
  cluster.put({
    ...object,
    status: {
      observedGeneration: generation,
      replicas,
      updatedReplicas: replicas,
      availableReplicas: replicas,
    },
  })
}

/** Plays the operator: the job of each new spec is what `behaviour` says; savepoints get a path. */
export function operator(
  behaviour: JobBehaviour = () => 'RUNNING',
  options: { readonly snapshots?: boolean } = {},
): Controller {
  return (cluster, { type, object }) => {
    if (object.kind !== 'FlinkDeployment' || type === 'DELETED') return
    const generation = object.metadata?.generation ?? 0
    const status = (object.status ?? {}) as {
      observedGeneration?: number
      jobStatus?: { savepointInfo?: object }
    }
    if (status.observedGeneration === generation) return
    const spec = object.spec as { image: string; job: { savepointTriggerNonce?: number } }
    const nonce = spec.job.savepointTriggerNonce
    if (nonce !== undefined && options.snapshots === true) putSnapshot(cluster, object, nonce)
    cluster.put({
      ...object,
      status: {
        observedGeneration: generation,
        jobManagerDeploymentStatus: 'READY',
        reconciliationStatus: { state: 'DEPLOYED' },
        jobStatus: {
          jobId: 'a1',
          state: behaviour(spec.image),
          ...(nonce === undefined || options.snapshots === true
            ? {}
            : {
                savepointInfo: {
                  lastSavepoint: { location: `s3://bucket/savepoint-${nonce}`, triggerNonce: nonce },
                },
              }),
        },
      },
    })
  }
}

function putSnapshot(cluster: MemoryCluster, object: LiveObject, nonce: number): void {
  const name = `${object.metadata?.name}-savepoint-manual-${nonce}`
  const snapshot = {
    apiVersion: 'flink.apache.org/v1beta1',
    kind: KINDS.flinkStateSnapshot.kind,
    metadata: { name, namespace: object.metadata?.namespace ?? '' },
    spec: { jobReference: { kind: 'FlinkDeployment', name: object.metadata?.name }, savepoint: {} },
    status: { state: 'IN_PROGRESS' },
  }
  cluster.put(snapshot)
  queueMicrotask(() =>
    cluster.setStatus(KINDS.flinkStateSnapshot, name, {
      state: 'COMPLETED',
      path: `s3://bucket/snapshot-${nonce}`,
    }),
  )
}
