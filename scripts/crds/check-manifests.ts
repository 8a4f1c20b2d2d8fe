import type { Manifest } from '@statefun/flink'
import { checkBuiltIn, unknownFields } from './kubernetes-types.ts'
import type { CustomKind } from './read-crds.ts'
import { structuralValidator } from './structural-schema.ts'

/** What is wrong with a manifest. */
export interface ManifestFinding {
  /** `FlinkDeployment counter` */
  readonly what: string
  readonly text: string
}

/** Checks manifests against custom kinds and the kinds that Kubernetes has built in. */
export async function checkManifests(
  manifests: readonly Manifest[],
  kinds: readonly CustomKind[],
): Promise<readonly ManifestFinding[]> {
  const findings: ManifestFinding[] = []
  for (const manifest of manifests) {
    const { apiVersion, kind, metadata } = manifest
    const custom = kinds.find((candidate) => candidate.apiVersion === apiVersion && candidate.kind === kind)
    const texts =
      custom === undefined
        ? await checkBuiltIn(manifest)
        : [
            ...structuralValidator(custom.schema)(manifest),
            ...unknownFields(metadata, 'V1ObjectMeta', 'metadata'),
          ]
    findings.push(...texts.map((text) => ({ what: `${kind} ${metadata.name}`, text })))
  }
  return findings
}

/** The lines of Flink that an operator's FlinkDeployment can name; undefined when it is not among the kinds. */
export function flinkVersionsOf(kinds: readonly CustomKind[]): readonly string[] | undefined {
  const schema = kinds.find(({ kind }) => kind === 'FlinkDeployment')?.schema
  return schema?.properties?.spec?.properties?.flinkVersion?.enum as readonly string[] | undefined
}
