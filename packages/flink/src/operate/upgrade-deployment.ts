import { StatefunError } from '@statefun/protocol'
import type { Cluster, LiveObject } from '../cluster/cluster.ts'
import { KINDS, kindOf } from '../cluster/resource-kind.ts'
import type { Deployment } from '../deploy/deployment.ts'
import type { FlinkDeployment } from '../manifests/flink-types.ts'
import type { Manifest } from '../render/manifests-of.ts'
import { type Applied, applyManifests, generationsOf, rememberedManifest } from './apply-manifests.ts'
import { podsOf, type WaitOptions, waitUntilReady } from './wait-until-ready.ts'

/** Options of {@link upgradeDeployment}. */
export interface UpgradeOptions extends WaitOptions {
  readonly force?: boolean
  /** Stays as it is after a failure, for looking at it. */
  readonly keepFailed?: boolean
  onApplied?(applied: Applied): void
  /** Told before the former state is applied again. */
  onRollback?(reason: StatefunError): void
}

/**
 * Applies a changed deployment and waits until its job runs. When it does not in time, or fails, what was there before is
 * applied again and waited for; the error says so.
 *
 * Going back goes on from the last state that there is: the job that failed may not have been able to make a savepoint.
 *
 * @throws StatefunError `SF_DEPLOY_ROLLED_BACK` with the reason as its cause; `SF_DEPLOY_ROLLBACK_FAILED` when the former
 *   state does not run either; with `keepFailed` as {@link waitUntilReady}
 */
export async function upgradeDeployment(
  cluster: Cluster,
  deployment: Deployment,
  manifests: readonly Manifest[],
  options: UpgradeOptions,
): Promise<readonly Applied[]> {
  const former = await formerManifests(cluster, manifests)
  try {
    const formerPods = await podsOf(cluster, deployment)
    const applied = await applyManifests(cluster, manifests, options)
    const generations = generationsOf(applied)
    await waitUntilReady(cluster, deployment, manifests, { ...options, generations, formerPods })
    return applied
  } catch (cause) {
    const reason = StatefunError.from(cause)
    if (options.keepFailed === true || former.length === 0) throw reason
    options.onRollback?.(reason)
    await rollBack(cluster, deployment, former, options, reason)
    throw new StatefunError(
      'SF_DEPLOY_ROLLED_BACK',
      `the upgrade failed and was taken back: ${reason.message}`,
      {
        hint: 'the former version runs again; mend what the message says and upgrade anew',
        ...(reason.excerpt === undefined ? {} : { excerpt: reason.excerpt }),
        cause: reason,
      },
    )
  }
}

async function rollBack(
  cluster: Cluster,
  deployment: Deployment,
  former: readonly Manifest[],
  { signal: _stopped, ...options }: UpgradeOptions,
  reason: StatefunError,
): Promise<void> {
  try {
    // A request to stop came too late: half an upgrade must not stay.
    const formerPods = await podsOf(cluster, deployment)
    const applied = await applyManifests(cluster, former, { force: true })
    const generations = generationsOf(applied)
    await waitUntilReady(cluster, deployment, former, { ...options, generations, formerPods })
  } catch (cause) {
    const error = StatefunError.from(cause)
    throw new StatefunError(
      'SF_DEPLOY_ROLLBACK_FAILED',
      `the upgrade failed (${reason.message}), and the former version does not run either: ${error.message}`,
      {
        hint: 'look with "statefun deploy status" and "statefun deploy logs"; the state is in the checkpoints and savepoints',
        ...(error.excerpt === undefined ? {} : { excerpt: error.excerpt }),
        cause: reason,
      },
    )
  }
}

/** What is there of the objects that an upgrade will change, as it can be applied again. */
async function formerManifests(
  cluster: Cluster,
  manifests: readonly Manifest[],
): Promise<readonly Manifest[]> {
  const former: Manifest[] = []
  for (const manifest of manifests) {
    const object = await cluster.get(kindOf(manifest), manifest.metadata.namespace, manifest.metadata.name)
    const again = object === undefined ? undefined : (rememberedManifest(object) ?? ofForeign(object))
    if (again !== undefined) former.push(fromLastState(again))
  }
  return former
}

/** A FlinkDeployment has no fields but those that somebody wrote; of other kinds the defaults would be taken over. */
function ofForeign(object: LiveObject): Manifest | undefined {
  if (object.kind !== KINDS.flinkDeployment.kind) return undefined
  const { apiVersion, kind, metadata, spec } = object
  const { name, namespace, labels } = metadata ?? {}
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, ...(labels === undefined ? {} : { labels }) },
    spec,
  } as Manifest
}

function fromLastState(manifest: Manifest): Manifest {
  if (manifest.kind !== KINDS.flinkDeployment.kind) return manifest
  const { spec, ...rest } = manifest as unknown as FlinkDeployment
  if (spec.job.upgradeMode === 'stateless') return manifest
  return {
    ...rest,
    spec: { ...spec, job: { ...spec.job, upgradeMode: 'last-state' } },
  } as unknown as Manifest
}

/** The manifests with another upgrade mode, for this time. */
export function withUpgradeMode(
  manifests: readonly Manifest[],
  upgradeMode: 'savepoint' | 'last-state',
): readonly Manifest[] {
  return manifests.map((manifest) => {
    if (manifest.kind !== KINDS.flinkDeployment.kind) return manifest
    const { spec, ...rest } = manifest as unknown as FlinkDeployment
    return { ...rest, spec: { ...spec, job: { ...spec.job, upgradeMode } } } as unknown as Manifest
  })
}
