import { StatefunError } from '@statefun/protocol'
import type { Cluster, LiveObject } from '../cluster/cluster.ts'
import { KINDS } from '../cluster/resource-kind.ts'
import type { Deployment } from '../deploy/deployment.ts'
import type { Manifest } from '../render/manifests-of.ts'

/** Annotation that keeps what was applied, so that it can be applied again. */
export const APPLIED_ANNOTATION = 'statefun/applied'

/** Annotations of an object may have 256 KiB together. */
const MAX_ANNOTATION_BYTES = 200_000

/** An object that was applied. */
export interface Applied {
  readonly manifest: Manifest
  readonly change: 'created' | 'changed' | 'unchanged'
  readonly object: LiveObject
}

/** Options of {@link applyManifests}. */
export interface ApplyManifestsOptions {
  readonly force?: boolean
  readonly dryRun?: boolean
  onApplied?(applied: Applied): void
}

/** Applies objects one after the other, in the order given. */
export async function applyManifests(
  cluster: Cluster,
  manifests: readonly Manifest[],
  options: ApplyManifestsOptions = {},
): Promise<readonly Applied[]> {
  const { force = false, dryRun = false } = options
  const applied: Applied[] = []
  for (const manifest of manifests) {
    const kind = Object.values(KINDS).find((candidate) => candidate.kind === manifest.kind)!
    const before = await cluster.get(kind, manifest.metadata.namespace, manifest.metadata.name)
    const object = await cluster.apply(remembering(manifest), { force, dryRun })
    const same = before?.metadata?.resourceVersion === object.metadata?.resourceVersion
    const change = before === undefined ? 'created' : same ? 'unchanged' : 'changed'
    const entry: Applied = { manifest, change, object }
    options.onApplied?.(entry)
    applied.push(entry)
  }
  return applied
}

/** Generations that watches must have seen before they say anything of what was applied. */
export function generationsOf(applied: readonly Applied[]): ReadonlyMap<string, number> {
  return new Map(
    applied.map(({ manifest, object }) => [
      `${manifest.kind}/${manifest.metadata.name}`,
      object.metadata?.generation ?? 0,
    ]),
  )
}

/** The manifest with a copy of itself. */
function remembering(manifest: Manifest): Manifest {
  const copy = JSON.stringify(manifest)
  if (Buffer.byteLength(copy) > MAX_ANNOTATION_BYTES) return manifest
  const annotations = {
    ...(manifest.metadata as LiveObject['metadata'])?.annotations,
    [APPLIED_ANNOTATION]: copy,
  }
  return { ...manifest, metadata: { ...manifest.metadata, annotations } }
}

/** What was applied to make this object what it is; undefined when it was not this command. */
export function rememberedManifest(object: LiveObject): Manifest | undefined {
  const copy = object.metadata?.annotations?.[APPLIED_ANNOTATION]
  if (copy === undefined) return undefined
  try {
    return JSON.parse(copy) as Manifest
  } catch {
    // Edited by somebody: no help.
    return undefined
  }
}

/**
 * What must be there before anything is applied: an operator that knows the deployment's Flink, and the Secrets that are named.
 * What the cluster does not let us see is not checked.
 *
 * @throws StatefunError `SF_DEPLOY_NO_OPERATOR`, `SF_DEPLOY_OPERATOR`, `SF_DEPLOY_NO_SECRET`
 */
export async function checkCluster(cluster: Cluster, deployment: Deployment): Promise<void> {
  const { flink, namespace } = deployment
  if (flink !== undefined) {
    const crd = await visible(() => cluster.get(KINDS.crd, '', 'flinkdeployments.flink.apache.org'))
    if (crd === 'missing') {
      throw new StatefunError('SF_DEPLOY_NO_OPERATOR', 'the cluster does not know FlinkDeployments', {
        where: `context ${cluster.context}`,
        hint: 'install the Flink Kubernetes Operator, or deploy with the profile embedded',
      })
    }
    const versions = crd === undefined ? [] : flinkVersions(crd)
    if (versions.length > 0 && !versions.includes(flink.flinkVersion)) {
      const message = `the operator in the cluster knows Flink up to ${versions.at(-1)}, not ${flink.flinkVersion}`
      throw new StatefunError('SF_DEPLOY_OPERATOR', message, {
        hint: 'set deploy.flink.operatorVersion to the version that is installed, or install a newer one',
      })
    }
  }
  for (const name of secretsOf(deployment)) {
    if ((await visible(() => cluster.get(KINDS.secret, namespace, name))) !== 'missing') continue
    throw new StatefunError(
      'SF_DEPLOY_NO_SECRET',
      `there is no Secret ${name} in the namespace ${namespace}`,
      {
        hint: `make it first: kubectl -n ${namespace} create secret generic ${name} --from-literal=…`,
      },
    )
  }
}

async function visible(
  get: () => Promise<LiveObject | undefined>,
): Promise<LiveObject | 'missing' | undefined> {
  try {
    return (await get()) ?? 'missing'
  } catch (error) {
    if (StatefunError.from(error).code === 'SF_KUBE_REFUSED') return undefined
    throw error
  }
}

function flinkVersions(crd: LiveObject): readonly string[] {
  const { versions = [] } = (crd.spec ?? {}) as {
    versions?: { schema?: { openAPIV3Schema?: SchemaWithFlinkVersion } }[]
  }
  return versions[0]?.schema?.openAPIV3Schema?.properties?.spec?.properties?.flinkVersion?.enum ?? []
}

interface SchemaWithFlinkVersion {
  readonly properties?: {
    readonly spec?: {
      readonly properties?: { readonly flinkVersion?: { readonly enum?: readonly string[] } }
    }
  }
}

function secretsOf({ storage, functions, flink, engine }: Deployment): readonly string[] {
  const { credentials } = storage ?? {}
  const names = new Set<string>()
  if (credentials !== undefined && 'secret' in credentials) names.add(credentials.secret)
  for (const env of [functions?.env, flink?.env, engine?.env]) {
    for (const value of Object.values(env ?? {})) if (typeof value !== 'string') names.add(value.secret)
  }
  return [...names]
}
