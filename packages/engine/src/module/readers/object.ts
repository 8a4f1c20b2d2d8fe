import { nearestName } from '@statefun/protocol'
import type { ReadContext } from '../read-context.ts'
import { entryOf, type PlacedNode, type SpecMap } from '../spec-node.ts'
import { clip, type Field, type FieldTable, formOf, type Reader, TARGET_NAMES } from './reader.ts'
import { reportEmpty } from './scalars.ts'

/** The values of a table's fields; undefined where an optional field is absent or was refused. */
export type FieldValues<F extends FieldTable> = {
  readonly [K in keyof F]: F[K] extends Field<infer T, infer R> ? (R extends true ? T : T | undefined) : never
}

/** An object that was read: its values, and where they stand. */
export interface ReadObject<F extends FieldTable> {
  readonly values: FieldValues<F>
  /** Place of the object: of the key or list item it belongs to. */
  readonly offset: number
  readonly path: string
  /** Place of a field's name, undefined when the file does not have it. */
  keyOffset(field: keyof F & string): number | undefined
  /** Place of a field's value; of the object when the file does not have it. */
  valueOffset(field: keyof F & string): number
  /** What messages may show of a field's scalar. */
  shown(field: keyof F & string): string
}

/** An object of known fields. */
export interface ObjectShape<F extends FieldTable, T> {
  readonly fields: F
  /** Names often written although they are not read here, with what to do instead. */
  readonly mistakes?: Readonly<Record<string, string>>
  /** Names that the runtime refuses here instead of ignoring them, with the message. */
  readonly refused?: Readonly<Record<string, string>>
  /** A name that is read elsewhere. */
  readonly alsoKnown?: string
  /** Checks across fields and makes the result; undefined when it reported an error. */
  build(object: ReadObject<F>, context: ReadContext): T | undefined
}

/** A reader of an object. */
export function object<F extends FieldTable, T>(shape: ObjectShape<F, T>): Reader<T> {
  return {
    doc: { type: 'object', fields: shape.fields },
    read(place, context) {
      const map = requireMap(place, context)
      return map === undefined ? undefined : readFields(shape, map, place, context)
    },
  }
}

/** The node as a map, else reports it. */
export function requireMap(place: PlacedNode, context: ReadContext, hint?: string): SpecMap | undefined {
  const { node } = place
  if (node.type === 'map') return node
  if (node.type === 'empty') return reportEmpty(place, context)
  if (node.type === 'scalar' && node.text === undefined) return undefined
  const message = `${place.path} is ${formOf(place)}, not a map of fields`
  return context.error('SF_MODULE_BAD_VALUE', node.offset, message, hint)
}

/**
 * Reads the fields of a map. Fields it does not know are reported with the nearest name, fields that the target does not
 * know as ignored there.
 */
export function readFields<F extends FieldTable, T>(
  shape: ObjectShape<F, T>,
  map: SpecMap,
  place: PlacedNode,
  context: ReadContext,
): T | undefined {
  const prefix = place.path === 'spec' ? '' : `${place.path}.`
  const values: Record<string, unknown> = {}
  let complete = true
  for (const [name, field] of Object.entries(shape.fields)) {
    const entry = entryOf(map, name)
    if (entry === undefined) {
      if (!field.required) continue
      complete = false
      context.error(
        'SF_MODULE_MISSING_FIELD',
        place.keyOffset,
        `${place.path} needs the field "${name}"`,
        missingHint(field),
      )
      continue
    }
    if (field.only !== undefined && !field.only.includes(context.target)) {
      context.warning(
        'SF_MODULE_FLINK_IGNORES',
        entry.keyOffset,
        `${TARGET_NAMES[context.target]} ignores ${prefix}${name}`,
      )
    }
    const fieldPlace = { node: entry.value, path: `${prefix}${name}`, keyOffset: entry.keyOffset }
    values[name] = field.reader.read(fieldPlace, context)
    if (field.required && values[name] === undefined) complete = false
  }
  reportUnknown(shape, map, prefix, context)
  if (!complete) return undefined
  return shape.build(
    {
      values: values as FieldValues<F>,
      offset: place.keyOffset,
      path: place.path,
      keyOffset: (field) => entryOf(map, field)?.keyOffset,
      valueOffset: (field) => entryOf(map, field)?.value.offset ?? place.keyOffset,
      shown: (field) => {
        const node = entryOf(map, field)?.value
        return node?.type === 'scalar' ? clip(node.shown) : ''
      },
    },
    context,
  )
}

function missingHint(field: Field<unknown>): string {
  // An acronym stays as it is: URL, not uRL.
  return field.doc.replace(/^[A-Z](?![A-Z])/, (first) => first.toLowerCase()).replace(/\.$/, '')
}

function reportUnknown<F extends FieldTable, T>(
  shape: ObjectShape<F, T>,
  map: SpecMap,
  prefix: string,
  context: ReadContext,
): void {
  for (const entry of map.entries) {
    if (Object.hasOwn(shape.fields, entry.key) || entry.key === shape.alsoKnown) continue
    if (shape.refused !== undefined && Object.hasOwn(shape.refused, entry.key)) {
      context.error('SF_MODULE_BAD_VALUE', entry.keyOffset, shape.refused[entry.key]!)
      continue
    }
    const message = `${prefix}${clip(entry.key)} is not a known field and has no effect`
    const hint = unknownHint(entry.key, shape)
    context.warning('SF_MODULE_UNKNOWN_FIELD', entry.keyOffset, message, hint)
  }
}

function unknownHint<F extends FieldTable, T>(name: string, shape: ObjectShape<F, T>): string {
  if (shape.mistakes !== undefined && Object.hasOwn(shape.mistakes, name)) return shape.mistakes[name]!
  if (name === '<<') return 'merge keys are not supported: write the fields out'
  const known = Object.keys(shape.fields)
  const nearest = nearestName(name, known)
  return nearest === undefined ? `known fields: ${known.join(', ')}` : `did you mean ${nearest}?`
}
