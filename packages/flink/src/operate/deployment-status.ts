import type { V1Pod } from '@kubernetes/client-node'
import type { Cluster, LiveObject } from '../cluster/cluster.ts'
import { KINDS } from '../cluster/resource-kind.ts'
import type { FlinkDeployment, FlinkStateSnapshot } from '../manifests/flink-types.ts'
import { COMPONENT_LABEL, NAME_LABEL } from '../manifests/labels.ts'
import { podReasons } from './pod-reasons.ts'
import { readinessOf, shortError } from './readiness.ts'

/** What there is of a deployment. */
export interface DeploymentStatus {
  readonly name: string
  readonly namespace: string
  /** Everything is as it was asked for. */
  readonly ready: boolean
  readonly objects: readonly {
    readonly kind: string
    readonly name: string
    readonly ready: boolean
    readonly state: string
    readonly reason?: string
  }[]
  readonly pods: readonly PodStatus[]
  /** Of a job on Flink. */
  readonly job?: {
    readonly id?: string
    readonly state: string
    readonly lifecycle?: string
    readonly startedAt?: string
    readonly savepoint?: string
    readonly error?: string
  }
}

export interface PodStatus {
  readonly name: string
  readonly component: string
  readonly ready: boolean
  readonly restarts: number
  readonly startedAt?: string
  readonly reasons: readonly string[]
}

/** Looks at the objects and pods of a deployment. */
export async function deploymentStatus(
  cluster: Cluster,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): Promise<DeploymentStatus> {
  const selector = `${NAME_LABEL}=${name}`
  const [flink, deployments, statefulSets, pods, snapshots] = await Promise.all([
    cluster.get(KINDS.flinkDeployment, namespace, name),
    cluster.list(KINDS.deployment, namespace, selector),
    cluster.list(KINDS.statefulSet, namespace, selector),
    cluster.list(KINDS.pod, namespace, selector),
    cluster.list(KINDS.flinkStateSnapshot, namespace).catch((): readonly LiveObject[] => []),
  ])
  // The operator's own Deployment of the JobManager carries the labels of its pods.
  const own = deployments.filter(({ metadata }) => metadata?.labels?.[COMPONENT_LABEL] === 'functions')
  const objects = [...(flink === undefined ? [] : [flink]), ...own, ...statefulSets].map((object) => {
    const { ready, state, failed, reason } = readinessOf(object)
    const why = failed ?? reason
    return {
      kind: object.kind ?? '',
      name: object.metadata?.name ?? '',
      ready,
      state,
      ...(why === undefined ? {} : { reason: why }),
    }
  })
  return {
    name,
    namespace,
    ready: objects.length > 0 && objects.every(({ ready }) => ready),
    objects,
    pods: pods.map(podStatus),
    ...(flink === undefined ? {} : { job: jobStatus(flink as FlinkDeployment, snapshots) }),
  }
}

function podStatus(object: LiveObject): PodStatus {
  const { metadata, status } = object as V1Pod
  const labels = metadata?.labels ?? {}
  const startedAt = status?.startTime
  return {
    name: metadata?.name ?? '',
    component: labels.component ?? labels[COMPONENT_LABEL] ?? '',
    ready: status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
    restarts: (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0),
    ...(startedAt === undefined ? {} : { startedAt: String(startedAt) }),
    reasons: podReasons(object).map(({ text }) => text),
  }
}

function jobStatus(
  { metadata, status }: FlinkDeployment,
  snapshots: readonly LiveObject[],
): NonNullable<DeploymentStatus['job']> {
  const { jobId, state = 'not started', startTime, savepointInfo } = status?.jobStatus ?? {}
  const savepoint = lastSnapshot(metadata.name ?? '', snapshots) ?? savepointInfo?.lastSavepoint?.location
  const error = shortError(status?.error)
  const startedAt = Number(startTime)
  return {
    state,
    ...(jobId === undefined ? {} : { id: jobId }),
    ...(status?.lifecycleState === undefined ? {} : { lifecycle: status.lifecycleState }),
    ...(startedAt > 0 ? { startedAt: new Date(startedAt).toISOString() } : {}),
    ...(savepoint === undefined ? {} : { savepoint }),
    ...(error === undefined ? {} : { error }),
  }
}

function lastSnapshot(name: string, snapshots: readonly LiveObject[]): string | undefined {
  return snapshots
    .map((object) => object as unknown as FlinkStateSnapshot)
    .filter(
      ({ spec, status }) =>
        spec.jobReference?.name === name && spec.savepoint && status?.state === 'COMPLETED',
    )
    .toSorted((a, b) => moment(a) - moment(b))
    .at(-1)?.status?.path
}

function moment({ metadata }: FlinkStateSnapshot): number {
  return new Date(metadata.creationTimestamp ?? 0).getTime()
}
