import { StatefunError } from '@statefun/protocol'
import type { Cluster, LiveObject } from '../cluster/cluster.ts'
import { LiveObjects } from '../cluster/live-objects.ts'
import { KINDS } from '../cluster/resource-kind.ts'
import type { FlinkDeployment, FlinkStateSnapshot } from '../manifests/flink-types.ts'
import type { Manifest } from '../render/manifests-of.ts'
import { shortError } from './readiness.ts'

/** Options of {@link takeSavepoint}. */
export interface SavepointOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** Told at each change of its state. */
  onProgress?(state: string): void
}

/** Owner of the one field that asks for a savepoint: an apply of the deployment leaves it alone. */
const SAVEPOINT_MANAGER = 'statefun-savepoint'
const TICK_MS = 1_000

/**
 * Asks the operator for a savepoint (`savepointTriggerNonce`) and waits for its path: operators since 1.10 keep it as a
 * FlinkStateSnapshot, older ones, and those told to, in the status of the FlinkDeployment.
 *
 * @throws StatefunError `SF_DEPLOY_NOT_FOUND`, `SF_DEPLOY_NOT_RUNNING`, `SF_DEPLOY_SAVEPOINT`, `SF_DEPLOY_TIMEOUT`
 */
export async function takeSavepoint(
  cluster: Cluster,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  options: SavepointOptions,
): Promise<string> {
  const deployment = await runningDeployment(cluster, namespace, name)
  const snapshotsBefore = new Set(
    (await cluster.list(KINDS.flinkStateSnapshot, namespace).catch(() => [])).map(nameOf),
  )
  const before = savepointIn(deployment)
  const nonce = Date.now()
  await cluster.apply(
    {
      apiVersion: 'flink.apache.org/v1beta1',
      kind: 'FlinkDeployment',
      metadata: { name, namespace },
      spec: { job: { savepointTriggerNonce: nonce } },
    } as Manifest,
    { manager: SAVEPOINT_MANAGER, force: true },
  )
  await using live = new LiveObjects(cluster, namespace, [KINDS.flinkDeployment], {
    optional: [KINDS.flinkStateSnapshot, KINDS.event],
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  const began = performance.now()
  for (;;) {
    const snapshot = live
      .of(KINDS.flinkStateSnapshot)
      .map((object) => object as unknown as FlinkStateSnapshot)
      .find(
        (candidate) =>
          !snapshotsBefore.has(candidate.metadata.name ?? '') &&
          candidate.spec.jobReference?.name === name &&
          candidate.spec.savepoint !== undefined,
      )
    const current = live.get(KINDS.flinkDeployment, name) as FlinkDeployment | undefined
    const path = pathOf(snapshot) ?? newPath(current, before, nonce)
    options.onProgress?.(path === undefined ? (snapshot?.status?.state ?? 'asked for') : 'COMPLETED')
    if (path !== undefined) return path
    if (options.signal?.aborted === true) {
      throw new StatefunError(
        'SF_DEPLOY_INTERRUPTED',
        'interrupted; the savepoint may be finished all the same',
      )
    }
    if (performance.now() - began > options.timeoutMs) {
      const error = shortError(current?.status?.error)
      throw new StatefunError(
        'SF_DEPLOY_TIMEOUT',
        `no savepoint within ${Math.round(options.timeoutMs / 1000)} s`,
        {
          hint: 'look at the log with "statefun deploy logs jobmanager", and give more time with --timeout',
          ...(error === undefined ? {} : { excerpt: error }),
        },
      )
    }
    await live.changed(TICK_MS)
  }
}

/**
 * The FlinkDeployment of a name.
 *
 * @throws StatefunError `SF_DEPLOY_NOT_FOUND`, `SF_DEPLOY_NOT_RUNNING` when its job is not running
 */
export async function runningDeployment(
  cluster: Cluster,
  namespace: string,
  name: string,
): Promise<FlinkDeployment> {
  const deployment = (await cluster.get(KINDS.flinkDeployment, namespace, name)) as
    | FlinkDeployment
    | undefined
  if (deployment === undefined) {
    throw new StatefunError('SF_DEPLOY_NOT_FOUND', `there is no FlinkDeployment ${name} in ${namespace}`, {
      where: `context ${cluster.context}`,
      hint: 'name another namespace with --namespace, or make it with "statefun deploy apply"',
    })
  }
  const state = deployment.status?.jobStatus?.state
  if (state === 'RUNNING') return deployment
  throw new StatefunError('SF_DEPLOY_NOT_RUNNING', `the job of ${name} is ${state ?? 'not started'}`, {
    hint: 'a savepoint needs a job that runs: look with "statefun deploy status"',
  })
}

function pathOf(snapshot: FlinkStateSnapshot | undefined): string | undefined {
  const { state, path, error } = snapshot?.status ?? {}
  if (state === 'COMPLETED') return path
  if (state !== 'FAILED' && state !== 'ABANDONED') return undefined
  throw new StatefunError('SF_DEPLOY_SAVEPOINT', `the savepoint is ${state}: ${shortError(error) ?? ''}`, {
    where: `FlinkStateSnapshot ${snapshot?.metadata.name}`,
    hint: 'look at the log with "statefun deploy logs jobmanager"',
  })
}

function savepointIn(deployment: FlinkDeployment | undefined) {
  return deployment?.status?.jobStatus?.savepointInfo?.lastSavepoint
}

function newPath(
  deployment: FlinkDeployment | undefined,
  before: ReturnType<typeof savepointIn>,
  nonce: number,
): string | undefined {
  const last = savepointIn(deployment)
  if (last?.location === undefined) return undefined
  return last.triggerNonce === nonce || last.location !== before?.location ? last.location : undefined
}

function nameOf({ metadata }: LiveObject): string {
  return metadata?.name ?? ''
}
