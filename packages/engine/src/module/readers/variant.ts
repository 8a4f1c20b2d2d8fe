import type { ReadContext } from '../read-context.ts'
import { entryOf, type PlacedNode, type SpecMap } from '../spec-node.ts'
import { type ObjectShape, readFields, requireMap } from './object.ts'
import type { FieldTable, Reader } from './reader.ts'
import { nameHint, scalar } from './scalars.ts'

const DISCRIMINATOR = 'type'

/** One form of a {@link variant}. */
export interface VariantCase<T> {
  readonly fields: FieldTable
  /** @param elsewhere fields of the other forms, with a hint for each */
  read(map: SpecMap, place: PlacedNode, context: ReadContext, elsewhere: Hints): T | undefined
}

type Hints = Readonly<Record<string, string>>

/** A form with its own fields. */
export function variantCase<F extends FieldTable, T>(shape: ObjectShape<F, T>): VariantCase<T> {
  return {
    fields: shape.fields,
    read: (map, place, context, elsewhere) =>
      readFields(
        { ...shape, alsoKnown: DISCRIMINATOR, mistakes: { ...elsewhere, ...shape.mistakes } },
        map,
        place,
        context,
      ),
  }
}

/**
 * A form without fields of its own.
 *
 * @param refused fields of other forms that are an error with this one, with the message
 */
export function plainCase<T>(value: T, refused: Hints = {}): VariantCase<T> {
  return variantCase({ fields: {}, refused, build: () => value })
}

type CaseValue<C> = C extends VariantCase<infer T> ? T : never

/**
 * A reader of an object whose fields depend on its field `type`. A field of another form is reported as having no effect
 * in this one.
 */
export function variant<C extends Readonly<Record<string, VariantCase<unknown>>>>(options: {
  readonly cases: C
  /** The form meant when the file does not say; without it `type` is required. */
  readonly default?: keyof C & string
  /** Names often written instead of a form's, with what to write. */
  readonly mistakes?: Hints
  /** The text for a type that is no form, when the runtime has one of its own. */
  readonly unknown?: (shown: string) => string | undefined
}): Reader<CaseValue<C[keyof C]>> {
  const { cases, mistakes = {} } = options
  const names = Object.keys(cases)
  const type = scalar<keyof C & string>(`one of ${names.join(', ')}`, (value, shown) => {
    if (Object.hasOwn(cases, value)) return { value }
    const message = options.unknown?.(shown)
    return {
      expected: `one of ${names.join(', ')}`,
      ...nameHint(shown, names, mistakes),
      ...(message === undefined ? {} : { message }),
    }
  })
  return {
    doc: {
      type: 'variant',
      discriminator: DISCRIMINATOR,
      default: options.default,
      cases: Object.fromEntries(Object.entries(cases).map(([name, { fields }]) => [name, fields])),
    },
    read(place, context) {
      const map = requireMap(place, context, mapHint(place, names, mistakes))
      if (map === undefined) return undefined
      const entry = entryOf(map, DISCRIMINATOR)
      if (entry === undefined && options.default === undefined) {
        const message = `${place.path} needs the field "${DISCRIMINATOR}"`
        return context.error(
          'SF_MODULE_MISSING_FIELD',
          place.keyOffset,
          message,
          `one of ${names.join(', ')}`,
        )
      }
      const chosen =
        entry === undefined
          ? options.default
          : type.read(
              { node: entry.value, path: `${place.path}.${DISCRIMINATOR}`, keyOffset: entry.keyOffset },
              context,
            )
      if (chosen === undefined) return undefined
      return cases[chosen]?.read(map, place, context, elsewhereHints(cases)) as
        | CaseValue<C[keyof C]>
        | undefined
    },
  }
}

function elsewhereHints(cases: Readonly<Record<string, VariantCase<unknown>>>): Hints {
  const owners = new Map<string, string[]>()
  for (const [name, { fields }] of Object.entries(cases)) {
    for (const field of Object.keys(fields)) owners.set(field, [...(owners.get(field) ?? []), name])
  }
  return Object.fromEntries(
    [...owners].map(([field, names]) => [
      field,
      `it is read with ${DISCRIMINATOR}: ${names.join(' or ')} only`,
    ]),
  )
}

/** `startupPosition: earliest` is a frequent slip for `startupPosition: {type: earliest}`. */
function mapHint(place: PlacedNode, names: readonly string[], mistakes: Hints): string | undefined {
  if (place.node.type !== 'scalar') return undefined
  const { shown } = place.node
  const field = place.path.slice(place.path.lastIndexOf('.') + 1)
  if (names.includes(shown)) return `write ${field}: {${DISCRIMINATOR}: ${shown}}`
  return nameHint(shown, names, mistakes).hint
}
