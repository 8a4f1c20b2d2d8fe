import type { V1Deployment, V1StatefulSet } from '@kubernetes/client-node'
import type { LiveObject } from '../cluster/cluster.ts'
import type { FlinkDeployment } from '../manifests/flink-types.ts'

/** How far an object is. */
export interface Readiness {
  readonly ready: boolean
  /** Whether what it says is about what was applied last. */
  readonly current: boolean
  /** `1 of 3 pods ready`, `READY, job RUNNING` */
  readonly state: string
  /** It will not become ready: why. */
  readonly failed?: string
  /** What it says itself about why it is not ready. */
  readonly reason?: string
}

/** Job states of Flink from which no job comes back by itself. */
const ENDED = ['FAILED', 'CANCELED', 'FINISHED']

/** Of a Deployment, StatefulSet or FlinkDeployment; anything else is ready once it is there. */
export function readinessOf(object: LiveObject): Readiness {
  switch (object.kind) {
    case 'Deployment':
      return ofDeployment(object as V1Deployment)
    case 'StatefulSet':
      return ofStatefulSet(object as V1StatefulSet)
    case 'FlinkDeployment':
      return ofFlinkDeployment(object as unknown as FlinkDeployment)
    default:
      return { ready: true, current: true, state: 'applied' }
  }
}

function ofDeployment({ metadata, spec, status }: V1Deployment): Readiness {
  const wanted = spec?.replicas ?? 1
  const { observedGeneration = 0, updatedReplicas = 0, availableReplicas = 0, replicas = 0 } = status ?? {}
  const current = observedGeneration >= (metadata?.generation ?? 0)
  const done =
    current && updatedReplicas >= wanted && availableReplicas >= wanted && replicas <= updatedReplicas
  const stuck = status?.conditions?.find(
    ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
  )
  const refused = status?.conditions?.find(
    ({ type, status: is }) => type === 'ReplicaFailure' && is === 'True',
  )
  return {
    ready: done,
    current,
    state: `${Math.min(updatedReplicas, availableReplicas)} of ${wanted} pods ready`,
    ...(current && stuck !== undefined && !done ? { failed: stuck.message ?? 'it makes no progress' } : {}),
    ...(refused?.message === undefined ? {} : { reason: refused.message }),
  }
}

function ofStatefulSet({ metadata, spec, status }: V1StatefulSet): Readiness {
  const wanted = spec?.replicas ?? 1
  const { observedGeneration = 0, updatedReplicas = 0, readyReplicas = 0 } = status ?? {}
  const current = observedGeneration >= (metadata?.generation ?? 0)
  const rolled =
    status?.updateRevision === undefined ||
    status.updateRevision === status.currentRevision ||
    updatedReplicas >= wanted
  return {
    ready: current && rolled && readyReplicas >= wanted,
    current,
    state: `${current && rolled ? readyReplicas : 0} of ${wanted} pods ready`,
  }
}

function ofFlinkDeployment(deployment: FlinkDeployment): Readiness {
  const { status, metadata } = deployment
  if (status === undefined) return { ready: false, current: false, state: 'not seen by the operator yet' }
  const job = status.jobStatus?.state ?? 'not started'
  const manager = status.jobManagerDeploymentStatus ?? 'MISSING'
  const current = reconciledGeneration(deployment) >= (metadata.generation ?? 0)
  const upgrading = (status.reconciliationStatus?.state ?? 'UPGRADING') !== 'DEPLOYED'
  const ready = current && !upgrading && manager === 'READY' && job === 'RUNNING'
  const error = shortError(status.error)
  const ended = current && !upgrading && ENDED.includes(job)
  return {
    ready,
    current,
    state: `JobManager ${manager}, job ${job}${current ? '' : ', the change is not taken up yet'}`,
    ...(ended ? { failed: `the job is ${job}${error === undefined ? '' : `: ${error}`}` } : {}),
    ...(error === undefined || ready ? {} : { reason: error }),
  }
}

/** The generation of the spec that the operator has acted on; 0 before it has. */
export function reconciledGeneration({ status }: FlinkDeployment): number {
  if (status?.observedGeneration !== undefined) return status.observedGeneration
  // Older operators keep it only within the spec that they have acted on.
  try {
    const spec: unknown = JSON.parse(status?.reconciliationStatus?.lastReconciledSpec ?? '{}')
    const { resource_metadata: meta } = spec as { resource_metadata?: { metadata?: { generation?: number } } }
    return meta?.metadata?.generation ?? 0
  } catch {
    // Not yet written, or in a form of another operator: taken as not acted on.
    return 0
  }
}

/** The message of an error that the operator keeps as JSON with a stack. */
export function shortError(error: string | undefined): string | undefined {
  if (error === undefined || error === '') return undefined
  try {
    const { message, throwableList = [] } = JSON.parse(error) as {
      message?: string
      throwableList?: { message?: string }[]
    }
    const last = throwableList.at(-1)?.message
    return last === undefined || last === message ? message : `${message}: ${last}`
  } catch {
    return error.split('\n')[0]
  }
}
