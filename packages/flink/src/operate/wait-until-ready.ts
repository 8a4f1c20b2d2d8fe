import type { CoreV1Event } from '@kubernetes/client-node'
import { StatefunError } from '@statefun/protocol'
import type { Cluster, LiveObject } from '../cluster/cluster.ts'
import { LiveObjects } from '../cluster/live-objects.ts'
import { KINDS } from '../cluster/resource-kind.ts'
import type { Deployment } from '../deploy/deployment.ts'
import { NAME_LABEL } from '../manifests/labels.ts'
import type { Manifest } from '../render/manifests-of.ts'
import { failureReport } from './failure-report.ts'
import { type PodReason, podReasons } from './pod-reasons.ts'
import { type Readiness, readinessOf } from './readiness.ts'

/** How far one of the objects that take time is. */
export interface Progress extends Readiness {
  /** `FlinkDeployment shop` */
  readonly what: string
  /** What it waits for, pod by pod: `shop-functions-7d9f: Unschedulable: 0/1 nodes are available`. */
  readonly pending: readonly string[]
}

/** Options of {@link waitUntilReady}. */
export interface WaitOptions {
  /** Milliseconds until it is given up. */
  readonly timeoutMs: number
  /**
   * How long a failure has to last before it is believed, in milliseconds: a pod that is beyond help may be the one before,
   * which is about to go. Default 5000.
   */
  readonly graceMs?: number
  readonly signal?: AbortSignal
  /** Told at each change. */
  onProgress?(progress: readonly Progress[]): void
  /** Pods (their uids) of what was there before: they may be beyond help without that being a failure. */
  readonly formerPods?: ReadonlySet<string>
  /** Generation that an object has to have taken up, by `Kind/name`. */
  readonly generations?: ReadonlyMap<string, number>
}

/** Kinds that are not done once they are applied. */
const TAKE_TIME = ['Deployment', 'StatefulSet', 'FlinkDeployment']
/** A look at least this often: what has run out of time changes nothing. */
const TICK_MS = 1_000
/** Default of {@link WaitOptions.graceMs}. */
const GRACE_MS = 5_000

/**
 * Follows the objects of a deployment by watches until all are ready.
 *
 * @throws StatefunError `SF_DEPLOY_FAILED` when one cannot become ready, `SF_DEPLOY_TIMEOUT`; both with the reasons, the
 *   events and the end of the log of what failed in the excerpt. `SF_DEPLOY_INTERRUPTED` when the signal is aborted.
 */
export async function waitUntilReady(
  cluster: Cluster,
  deployment: Pick<Deployment, 'name' | 'namespace'>,
  manifests: readonly Manifest[],
  options: WaitOptions,
): Promise<void> {
  const waited = manifests.filter(({ kind }) => TAKE_TIME.includes(kind))
  const kinds = [KINDS.deployment, KINDS.statefulSet, KINDS.pod]
  if (waited.some(({ kind }) => kind === 'FlinkDeployment')) kinds.push(KINDS.flinkDeployment)
  await using live = new LiveObjects(cluster, deployment.namespace, kinds, {
    optional: [KINDS.event],
    selector: `${NAME_LABEL}=${deployment.name}`,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  const began = performance.now()
  let failedSince: number | undefined
  for (;;) {
    const reasons = live.of(KINDS.pod).flatMap(podReasons)
    const progress = waited.map((manifest) => progressOf(manifest, live, reasons, options.generations))
    options.onProgress?.(progress)
    if (progress.every(({ ready }) => ready)) return
    if (options.signal?.aborted === true) {
      throw new StatefunError('SF_DEPLOY_INTERRUPTED', 'interrupted before everything was ready', {
        hint: 'what was applied stays: look with "statefun deploy status"',
      })
    }
    const now = performance.now()
    const failed = failureOf(progress, reasons, options.formerPods)
    failedSince = failed === undefined ? undefined : (failedSince ?? now)
    const late = now - began > options.timeoutMs
    if (late || (failedSince !== undefined && now - failedSince >= (options.graceMs ?? GRACE_MS))) {
      const excerpt = await failureReport(cluster, deployment.namespace, progress, reasons, eventsOf(live))
      if (failed !== undefined) throw new StatefunError('SF_DEPLOY_FAILED', failed, { excerpt, hint: HINT })
      const seconds = Math.round(options.timeoutMs / 1000)
      const still = progress.filter(({ ready }) => !ready).map(({ what }) => what)
      const message = `${still.join(' and ')} ${still.length === 1 ? 'was' : 'were'} not ready within ${seconds} s`
      throw new StatefunError('SF_DEPLOY_TIMEOUT', message, { excerpt, hint: HINT })
    }
    await live.changed(TICK_MS)
  }
}

const HINT = 'mend what it says and apply again, or look further with "statefun deploy logs"'

function progressOf(
  { kind, metadata: { name } }: Manifest,
  live: LiveObjects,
  reasons: readonly PodReason[],
  generations: WaitOptions['generations'],
): Progress {
  const known = Object.values(KINDS).find((candidate) => candidate.kind === kind)!
  const object = live.get(known, name)
  const wanted = generations?.get(`${kind}/${name}`) ?? 0
  const seen = object !== undefined && (object.metadata?.generation ?? 0) >= wanted
  const readiness = seen ? readinessOf(object) : { ready: false, current: false, state: 'applied' }
  const own = readiness.ready ? [] : reasons.filter(({ pod }) => belongs(pod, kind, name, live))
  const pending = own.map(({ pod, text }) => `${pod}: ${text}`)
  if (readiness.reason !== undefined) pending.unshift(readiness.reason)
  return { what: `${kind} ${name}`, ...readiness, pending }
}

/** Whether a pod is one of an object: its name says so, and no longer name says otherwise. */
function belongs(pod: string, kind: string, name: string, live: LiveObjects): boolean {
  if (!pod.startsWith(`${name}-`)) return false
  if (kind !== 'FlinkDeployment') return true
  const component = live.get(KINDS.pod, pod)?.metadata?.labels?.component
  return component === 'jobmanager' || component === 'taskmanager'
}

function failureOf(
  progress: readonly Progress[],
  reasons: readonly PodReason[],
  formerPods: ReadonlySet<string> = new Set(),
): string | undefined {
  const failed = progress.find((item) => item.failed !== undefined)
  if (failed !== undefined) return `${failed.what}: ${failed.failed}`
  const open = progress.filter(({ ready, current }) => !ready && current)
  const pod = reasons.find(
    (reason) =>
      reason.final &&
      !formerPods.has(reason.uid) &&
      open.some(({ pending }) => pending.includes(`${reason.pod}: ${reason.text}`)),
  )
  return pod === undefined ? undefined : `pod ${pod.pod}: ${pod.text}`
}

function eventsOf(live: LiveObjects): readonly CoreV1Event[] {
  return live.of(KINDS.event) as readonly LiveObject[] as readonly CoreV1Event[]
}

/** The uids of the pods that a deployment has now, for {@link WaitOptions.formerPods}. */
export async function podsOf(
  cluster: Cluster,
  { name, namespace }: Pick<Deployment, 'name' | 'namespace'>,
): Promise<ReadonlySet<string>> {
  const pods = await cluster.list(KINDS.pod, namespace, `${NAME_LABEL}=${name}`)
  return new Set(pods.map(({ metadata }) => metadata?.uid ?? ''))
}
