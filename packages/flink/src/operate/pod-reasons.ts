import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import type { LiveObject } from '../cluster/cluster.ts'

/** Why a pod does not work. */
export interface PodReason {
  readonly pod: string
  readonly uid: string
  /** In one line: `0/1 nodes are available: 1 Insufficient cpu.` */
  readonly text: string
  /** Waiting does not help. */
  readonly final: boolean
  /** The container whose log says more. */
  readonly crashed?: string
}

/** States of a container from which it does not come by waiting. */
const FINAL = ['ErrImageNeverPull', 'InvalidImageName', 'CreateContainerConfigError']
/** Restarts after which a container that ends again and again is given up. */
const CRASHES = 3

/** What keeps a pod from being ready, most telling first; empty for one that is ready or has only begun. */
export function podReasons(object: LiveObject): readonly PodReason[] {
  const { name: pod = '', uid = '' } = object.metadata ?? {}
  return reasonsOf(object as V1Pod).map((reason) => ({ pod, uid, ...reason }))
}

type Reason = Omit<PodReason, 'pod' | 'uid'>

function reasonsOf({ metadata, spec, status }: V1Pod): readonly Reason[] {
  const conditions = status?.conditions ?? []
  if (metadata?.deletionTimestamp !== undefined) return [{ text: 'is ending', final: false }]
  if (conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True')) return []
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  const reasons = containers.flatMap((container) => containerReason(container))
  if (reasons.length > 0) return reasons
  const unscheduled = conditions.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False')
  if (unscheduled !== undefined) {
    return [{ text: `${unscheduled.reason}: ${unscheduled.message ?? ''}`.trim(), final: false }]
  }
  if (status?.phase === 'Failed')
    return [{ text: `failed: ${status.message ?? status.reason ?? ''}`, final: false }]
  const running = containers.some(({ state }) => state?.running !== undefined)
  if (running) {
    const probe = spec?.containers?.[0]?.readinessProbe?.httpGet
    const asks = probe === undefined ? '' : ` (GET ${probe.path} on port ${probe.port})`
    return [{ text: `runs, but is not ready yet${asks}`, final: false }]
  }
  return [{ text: status?.phase === 'Pending' ? 'is starting' : 'is waited for', final: false }]
}

function containerReason(container: V1ContainerStatus): readonly Reason[] {
  const { state, lastState, restartCount, name, image } = container
  const ended = state?.terminated ?? lastState?.terminated
  const waiting = state?.waiting
  if (waiting?.reason !== undefined && /Image/.test(waiting.reason)) {
    const text = `${waiting.reason}: image ${image}${waiting.message === undefined ? '' : `: ${waiting.message}`}`
    return [{ text, final: FINAL.includes(waiting.reason) }]
  }
  if (waiting?.reason === 'CreateContainerConfigError') {
    return [{ text: `${waiting.reason}: ${waiting.message ?? ''}`, final: true }]
  }
  const failed = ended !== undefined && (ended.exitCode !== 0 || state?.terminated !== undefined)
  if (failed && (state?.running === undefined || container.ready === false)) {
    const how =
      ended.reason === 'OOMKilled'
        ? 'was out of memory (OOMKilled)'
        : `ended with exit code ${ended.exitCode}`
    const text = `container ${name} ${how}, ${restartCount} ${restartCount === 1 ? 'restart' : 'restarts'}`
    return [{ text, final: restartCount >= CRASHES, crashed: name }]
  }
  if (
    waiting?.reason !== undefined &&
    waiting.reason !== 'ContainerCreating' &&
    waiting.reason !== 'PodInitializing'
  ) {
    return [{ text: `${waiting.reason}: ${waiting.message ?? ''}`, final: false }]
  }
  return []
}
