import type { KubeClient } from './kube-client.ts'
import type { KubeObject } from './kube-object.ts'

/** Kinds that others need, before those. */
const FIRST = ['Namespace', 'CustomResourceDefinition', 'ServiceAccount', 'ConfigMap', 'Secret']

/**
 * Applies objects side by side as far as they do not need each other.
 *
 * @throws StatefunError `SF_KUBE_…`
 */
export async function applyAll(
  kube: KubeClient,
  objects: readonly KubeObject[],
  signal?: AbortSignal,
): Promise<void> {
  for (const kind of FIRST) {
    await Promise.all(objects.filter((each) => each.kind === kind).map((each) => kube.apply(each, signal)))
  }
  await Promise.all(
    objects.filter(({ kind }) => !FIRST.includes(kind)).map((each) => kube.apply(each, signal)),
  )
}
