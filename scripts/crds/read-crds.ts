import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

/** A custom kind as a cluster would know it. */
export interface CustomKind {
  readonly apiVersion: string
  readonly kind: string
  /** `openAPIV3Schema` */
  readonly schema: Schema
}

/** The part of OpenAPI v3 that CRDs use. */
export interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly enum?: readonly unknown[]
  readonly required?: readonly string[]
  readonly nullable?: boolean
  readonly [extension: `x-kubernetes-${string}`]: unknown
}

interface Crd {
  readonly kind?: string
  readonly spec?: {
    readonly group: string
    readonly names: { readonly kind: string }
    readonly versions: readonly {
      readonly name: string
      readonly schema: { readonly openAPIV3Schema: Schema }
    }[]
  }
}

/** Folders below a folder, itself included, that hold CRDs directly: one set each, such as those of one operator version. */
export function findCrdSets(
  folder: string,
): readonly { readonly folder: string; readonly kinds: readonly CustomKind[] }[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  const folders = new Map<string, string[]>()
  for (const entry of entries) {
    if (!entry.isFile() || !/\.ya?ml$/.test(entry.name)) continue
    const files = folders.get(entry.parentPath) ?? []
    files.push(readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    folders.set(entry.parentPath, files)
  }
  return [...folders]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, texts]) => ({ folder: name, kinds: texts.flatMap(readCrds) }))
    .filter(({ kinds }) => kinds.length > 0)
}

/** The kinds that the documents of a YAML text define; other documents are left out. */
export function readCrds(text: string): readonly CustomKind[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS({ maxAliasCount: -1 }) as Crd | null)
    .flatMap((crd) => {
      const { spec } = crd ?? {}
      if (crd?.kind !== 'CustomResourceDefinition' || spec === undefined) return []
      return spec.versions.map(({ name, schema }) => ({
        apiVersion: `${spec.group}/${name}`,
        kind: spec.names.kind,
        schema: schema.openAPIV3Schema,
      }))
    })
}
