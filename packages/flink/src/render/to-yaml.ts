import { Document } from 'yaml'
import type { Manifest } from './manifests-of.ts'

const FIRST = ['apiVersion', 'kind', 'metadata', 'name', 'namespace']

/** An object as YAML; long texts are not folded, so that a change shows as the line that changed. */
export function toYaml(object: object): string {
  const document = new Document(ordered(object), { aliasDuplicateObjects: false })
  return document.toString({ lineWidth: 0, singleQuote: false })
}

/** All objects as one stream for `kubectl apply -f -`. */
export function toYamlStream(manifests: readonly Manifest[]): string {
  return manifests.map((manifest) => `---\n${toYaml(manifest)}`).join('')
}

/** Names first, as people write them; undefined values left out. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  const place = (key: string) => (FIRST.includes(key) ? FIRST.indexOf(key) : FIRST.length)
  const sorted = entries
    .map((entry, index) => ({ entry, index }))
    .sort((a, b) => place(a.entry[0]) - place(b.entry[0]) || a.index - b.index)
  return Object.fromEntries(sorted.map(({ entry: [key, item] }) => [key, ordered(item)]))
}
