import type { ModuleTarget, ReadContext } from '../read-context.ts'
import type { PlacedNode } from '../spec-node.ts'

/**
 * Reads one value of a spec. One description serves the parser, the check for unknown fields, the check for Flink and the
 * reference page.
 */
export interface Reader<T> {
  readonly doc: ReaderDoc
  /** Undefined when the value is not acceptable; the reason was then reported. */
  read(place: PlacedNode, context: ReadContext): T | undefined
}

/** What a {@link Reader} accepts, as data. */
export type ReaderDoc =
  | { readonly type: 'value'; readonly name: string; readonly values?: readonly string[] }
  | { readonly type: 'list'; readonly of: ReaderDoc }
  | { readonly type: 'object'; readonly fields: FieldTable }
  | {
      readonly type: 'variant'
      readonly discriminator: string
      readonly default: string | undefined
      readonly cases: Readonly<Record<string, FieldTable>>
    }

/** One field of a spec. */
export interface Field<T, Required extends boolean = boolean> {
  readonly reader: Reader<T>
  readonly required: Required
  /** One sentence for the reference page. */
  readonly doc: string
  /** The default as the file would write it. */
  readonly default: string | undefined
  /** Where the field is read; undefined for everywhere. Elsewhere it is silently ignored (contract 4.1). */
  readonly only: readonly ModuleTarget[] | undefined
}

export type FieldTable = Readonly<Record<string, Field<unknown>>>

/** A field that must be there. */
export function required<T>(reader: Reader<T>, doc: string): Field<T, true> {
  return { reader, required: true, doc, default: undefined, only: undefined }
}

/** A field that may be left out. */
export function optional<T>(
  reader: Reader<T>,
  doc: string,
  options: { readonly default?: string; readonly only?: readonly ModuleTarget[] } = {},
): Field<T, false> {
  return { reader, required: false, doc, default: options.default, only: options.only }
}

/** Fields that Apache's StateFun does not have (contract 11). */
export const NOT_APACHE: readonly ModuleTarget[] = ['embedded', 'flink-kzm']
/** Extensions of our engine. */
export const EMBEDDED: readonly ModuleTarget[] = ['embedded']

/** How messages name a target. */
export const TARGET_NAMES: Readonly<Record<ModuleTarget, string>> = {
  embedded: 'the embedded engine',
  'flink-apache': 'Apache StateFun',
  'flink-kzm': 'kzm StateFun',
}

/** How a message names a node's form. */
export function formOf(place: PlacedNode): string {
  switch (place.node.type) {
    case 'map':
      return 'a map'
    case 'list':
      return 'a list'
    case 'empty':
      return 'empty'
    case 'scalar':
      return `"${clip(place.node.shown)}"`
  }
}

/** A text short enough for a message. */
export function clip(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > 80 ? `${line.slice(0, 80)}…` : line
}
