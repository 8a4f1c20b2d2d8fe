/**
 * A YAML value with its place in the file, aliases resolved and placeholders expanded: what the readers of fields see.
 * Offsets are those of the file's text.
 */
export type SpecNode = SpecScalar | SpecEmpty | SpecList | SpecMap

export interface SpecScalar {
  readonly type: 'scalar'
  readonly offset: number
  /** The expanded text; undefined when a placeholder could not be resolved (already reported). */
  readonly text: string | undefined
  /** What messages may show: the text before expansion. */
  readonly shown: string
}

/** No value at all: `address:`, `~`, `null`. */
export interface SpecEmpty {
  readonly type: 'empty'
  readonly offset: number
}

export interface SpecList {
  readonly type: 'list'
  readonly offset: number
  readonly items: readonly SpecNode[]
}

export interface SpecMap {
  readonly type: 'map'
  readonly offset: number
  readonly entries: readonly SpecEntry[]
}

export interface SpecEntry {
  readonly key: string
  readonly keyOffset: number
  readonly value: SpecNode
}

/** A value together with how messages name it. */
export interface PlacedNode {
  readonly node: SpecNode
  /** Path below `spec`: `topics[0].valueType`. */
  readonly path: string
  /** Place of the key or list item it belongs to; where something missing inside is reported. */
  readonly keyOffset: number
}

/** The entry of a map, when it has one. */
export function entryOf(map: SpecMap, key: string): SpecEntry | undefined {
  return map.entries.find((entry) => entry.key === key)
}
