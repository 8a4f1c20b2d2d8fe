import type { Manifest } from './manifests-of.ts'
import { toYaml } from './to-yaml.ts'

/** A file of a rendered folder. */
export interface RenderedFile {
  /** Relative to the folder. */
  readonly name: string
  readonly text: string
}

/** One file per object, and the `kustomization.yaml` that lists them in the order in which they are applied. */
export function renderFolder(manifests: readonly Manifest[]): readonly RenderedFile[] {
  const files = manifests.map((manifest) => ({ name: fileName(manifest), text: toYaml(manifest) }))
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: files.map(({ name }) => name),
  }
  return [{ name: 'kustomization.yaml', text: toYaml(kustomization) }, ...files]
}

/** `horizontal-pod-autoscaler-shop-functions.yaml` */
function fileName({ kind, metadata }: Manifest): string {
  const words = kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()
  return `${words}-${metadata.name}.yaml`
}
