import type { PropertyList } from '../model.ts'
import type { ReadContext } from '../read-context.ts'
import { formOf, type Reader } from '../readers/reader.ts'
import { anyText, reportEmpty } from '../readers/scalars.ts'
import type { PlacedNode, SpecEntry } from '../spec-node.ts'

/** One `- name: value` element with its place. */
export interface PropertyEntry {
  readonly name: string
  readonly value: string
  readonly offset: number
}

/**
 * A list of single-entry maps (contract 4.1). Of an element only the first entry is read; values are text; of a name
 * given twice the last counts.
 */
export const properties: Reader<readonly PropertyEntry[]> = {
  doc: { type: 'value', name: 'a list of single-entry maps' },
  read(place, context) {
    const entries = new Map<string, PropertyEntry>()
    const pairs = readPairs(place, context)
    if (pairs === undefined) return undefined
    for (const { entry, path } of pairs) {
      const value = anyText.read({ node: entry.value, path, keyOffset: entry.keyOffset }, context)
      if (value === undefined && entry.value.type !== 'scalar') continue
      const earlier = entries.get(entry.key)
      if (earlier !== undefined) {
        const message = `the property ${entry.key} is set again at line ${context.location(entry.keyOffset).line}, which wins`
        context.warning('SF_MODULE_NO_EFFECT', earlier.offset, message)
      }
      entries.set(entry.key, { name: entry.key, value: value ?? '', offset: entry.keyOffset })
    }
    return [...entries.values()]
  },
}

/** The first entry of each element of a list of maps; what else an element holds is reported as having no effect. */
export function readPairs(
  place: PlacedNode,
  context: ReadContext,
): readonly { readonly entry: SpecEntry; readonly path: string }[] | undefined {
  const { node, path } = place
  if (node.type === 'empty') return reportEmpty(place, context)
  if (node.type !== 'list') {
    const hint = 'write a list with one "- name: value" per line'
    return context.error('SF_MODULE_BAD_VALUE', node.offset, `${path} is ${formOf(place)}, not a list`, hint)
  }
  const pairs: { entry: SpecEntry; path: string }[] = []
  node.items.forEach((item, index) => {
    const itemPath = `${path}[${index}]`
    const [first, ...others] = item.type === 'map' ? item.entries : []
    if (first === undefined) {
      const form = formOf({ node: item, path: itemPath, keyOffset: item.offset })
      const message = `${itemPath} is ${form}, not a map of one entry`
      context.error('SF_MODULE_BAD_VALUE', item.offset, message, 'write "- name: value"')
      return
    }
    for (const other of others) {
      context.warning(
        'SF_MODULE_NO_EFFECT',
        other.keyOffset,
        `"${other.key}" has no effect: only the first entry of each element is read`,
        'begin a new element with "- "',
      )
    }
    pairs.push({ entry: first, path: `${itemPath}.${first.key}` })
  })
  return pairs
}

/** True when the file sets the property. */
export function hasProperty(entries: readonly PropertyEntry[] | undefined, name: string): boolean {
  return entries?.some((entry) => entry.name === name) ?? false
}

/** The properties as the engine's connectors get them, without those named in `taken`. */
export function toPropertyList(
  entries: readonly PropertyEntry[] | undefined,
  taken: readonly string[] = [],
): PropertyList {
  return (entries ?? [])
    .filter((entry) => !taken.includes(entry.name))
    .map((entry) => [entry.name, entry.value] as const)
}

/**
 * The value of a property that has a field of its own: the field wins (contract 4.3, 4.4), and a property that loses
 * against it is reported.
 */
export function resolveNamed(
  entries: readonly PropertyEntry[] | undefined,
  name: string,
  field: { readonly name: string; readonly value: string | undefined },
  context: ReadContext,
): string | undefined {
  const property = entries?.find((entry) => entry.name === name)
  if (field.value === undefined) return property?.value
  if (property !== undefined && property.value !== field.value) {
    const message = `the property ${name} has no effect: the field ${field.name} wins`
    context.warning('SF_MODULE_NO_EFFECT', property.offset, message, 'keep one of the two')
  }
  return field.value
}
