import type { Cluster, LiveObject } from '../cluster/cluster.ts'
import { KINDS, kindOf, type ResourceKind } from '../cluster/resource-kind.ts'
import type { Deployment } from '../deploy/deployment.ts'
import { MANAGER, MANAGER_LABEL, NAME_LABEL } from '../manifests/labels.ts'
import type { Manifest } from '../render/manifests-of.ts'
import { toYaml } from '../render/to-yaml.ts'
import { APPLIED_ANNOTATION } from './apply-manifests.ts'
import { diffLines } from './diff-lines.ts'

/** What an apply would do to an object. */
export interface ObjectDiff {
  /** `ConfigMap shop-module` */
  readonly what: string
  readonly change: 'create' | 'change' | 'none' | 'left over'
  /** Lines that begin with `+`, `-` or a blank; values of Secrets are hidden. */
  readonly lines: readonly string[]
}

/** Compares what is in the cluster with what it would be after an apply, as the API itself answers it (a dry run). */
export async function diffManifests(
  cluster: Cluster,
  deployment: Pick<Deployment, 'name' | 'namespace'>,
  manifests: readonly Manifest[],
): Promise<readonly ObjectDiff[]> {
  const diffs: ObjectDiff[] = []
  for (const manifest of manifests) {
    const before = await cluster.get(kindOf(manifest), manifest.metadata.namespace, manifest.metadata.name)
    const after = await cluster.apply(manifest, { dryRun: true, force: true })
    const lines = diffLines(before === undefined ? [] : shown(before), shown(after))
    const same = lines.every((line) => line.startsWith(' '))
    const change = before === undefined ? 'create' : same ? 'none' : 'change'
    diffs.push({ what: `${manifest.kind} ${manifest.metadata.name}`, change, lines: same ? [] : lines })
  }
  for (const object of await leftOvers(cluster, deployment, manifests)) {
    diffs.push({ what: `${object.kind} ${object.metadata?.name}`, change: 'left over', lines: [] })
  }
  return diffs
}

/** Kinds of which a deployment may have had one that its description no longer asks for. */
const OWN_KINDS: readonly ResourceKind[] = [
  KINDS.flinkDeployment,
  KINDS.statefulSet,
  KINDS.horizontalPodAutoscaler,
  KINDS.podDisruptionBudget,
  KINDS.deployment,
  KINDS.service,
  KINDS.configMap,
  KINDS.secret,
  KINDS.roleBinding,
  KINDS.role,
  KINDS.serviceAccount,
]

/** Objects that this command has made for a deployment and that are not among its manifests. */
export async function leftOvers(
  cluster: Cluster,
  { name, namespace }: Pick<Deployment, 'name' | 'namespace'>,
  manifests: readonly Manifest[],
): Promise<readonly LiveObject[]> {
  const wanted = new Set(manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`))
  const selector = `${NAME_LABEL}=${name},${MANAGER_LABEL}=${MANAGER}`
  const found: LiveObject[] = []
  for (const kind of OWN_KINDS) {
    for (const object of await listOrNone(cluster, kind, namespace, selector)) {
      const owned = (object.metadata as { ownerReferences?: readonly unknown[] }).ownerReferences ?? []
      if (owned.length === 0 && !wanted.has(`${object.kind}/${object.metadata?.name}`)) found.push(object)
    }
  }
  return found
}

async function listOrNone(cluster: Cluster, kind: ResourceKind, namespace: string, selector: string) {
  try {
    return await cluster.list(kind, namespace, selector)
  } catch {
    // A kind that the cluster does not have or does not show holds nothing of ours that could be cleared away.
    return []
  }
}

/** The lines of an object without what the API itself keeps in it. */
function shown(object: LiveObject): readonly string[] {
  const { metadata = {}, ...rest } = object as LiveObject & { status?: unknown }
  const { labels, annotations = {}, name, namespace } = metadata
  const own = Object.entries(annotations).filter(
    ([key]) => key !== APPLIED_ANNOTATION && !key.startsWith('deployment.kubernetes.io/'),
  )
  const clean = {
    ...rest,
    status: undefined,
    ...(object.kind === 'Secret' && rest.data !== undefined
      ? { data: Object.fromEntries(Object.keys(rest.data).map((key) => [key, '(hidden)'])) }
      : {}),
    metadata: {
      name,
      namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(own.length === 0 ? {} : { annotations: Object.fromEntries(own) }),
    },
  }
  return toYaml(clean).trimEnd().split('\n')
}
