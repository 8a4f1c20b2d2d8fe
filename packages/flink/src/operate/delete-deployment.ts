import { StatefunError } from '@statefun/protocol'
import type { Cluster, LiveObject } from '../cluster/cluster.ts'
import { LiveObjects } from '../cluster/live-objects.ts'
import { KINDS, kindOf } from '../cluster/resource-kind.ts'
import { leftOvers } from './diff-manifests.ts'

/** All that {@link deleteDeployment} would delete, in its order: what makes pods first. */
export async function objectsOf(
  cluster: Cluster,
  deployment: { readonly name: string; readonly namespace: string },
): Promise<readonly LiveObject[]> {
  return await leftOvers(cluster, deployment, [])
}

/**
 * Deletes objects, and waits until a FlinkDeployment is gone: the operator ends the job and clears its high availability
 * away. Checkpoints and savepoints stay in the bucket.
 *
 * @throws StatefunError `SF_DEPLOY_TIMEOUT`
 */
export async function deleteDeployment(
  cluster: Cluster,
  namespace: string,
  objects: readonly LiveObject[],
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal; onDeleted?(what: string): void },
): Promise<void> {
  for (const object of objects) {
    const kind = kindOf(object)
    const name = object.metadata?.name ?? ''
    await cluster.delete(kind, namespace, name)
    // The account must outlive the job: the operator acts, and pods end, under it.
    if (kind === KINDS.flinkDeployment) await untilGone(cluster, namespace, name, options)
    options.onDeleted?.(`${kind.kind} ${name}`)
  }
}

async function untilGone(
  cluster: Cluster,
  namespace: string,
  name: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  await using live = new LiveObjects(
    cluster,
    namespace,
    [KINDS.flinkDeployment],
    signal === undefined ? {} : { signal },
  )
  const began = performance.now()
  while ((await cluster.get(KINDS.flinkDeployment, namespace, name)) !== undefined) {
    if (performance.now() - began > timeoutMs || signal?.aborted === true) {
      throw new StatefunError('SF_DEPLOY_TIMEOUT', `FlinkDeployment ${name} is still being deleted`, {
        hint: 'is the operator running? It has to take its finalizer away',
      })
    }
    await live.changed(1_000)
  }
}
