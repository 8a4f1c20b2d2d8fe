import { MODULE_KINDS } from './kinds/index.ts'
import type { ModuleTarget } from './read-context.ts'
import type { FieldTable, ReaderDoc } from './readers/reader.ts'

/** One field of a kind, for a reference page or a schema. */
export interface ModuleField {
  readonly kind: string
  /** Path below `spec`: `topics[].valueType`. */
  readonly path: string
  /** What it takes, in words: `a duration`, `a list of function types`. */
  readonly type: string
  /** The names it takes, when they are fixed. */
  readonly values: readonly string[] | undefined
  readonly required: boolean
  /** As the file would write it. */
  readonly default: string | undefined
  /** Condition under which it is read: `startupPosition.type: date`. */
  readonly when: string | undefined
  /** Where it is read; undefined for everywhere. */
  readonly only: readonly ModuleTarget[] | undefined
  readonly doc: string
}

/** Every field of every kind of module.yaml, in the order of the tables. The parser reads the same tables. */
export const moduleFields: readonly ModuleField[] = MODULE_KINDS.flatMap(({ kind, only, spec }) =>
  below(spec.doc, '', { when: undefined, only }).map((field) => ({ ...field, kind })),
)

type FieldOfAnyKind = Omit<ModuleField, 'kind'>
type Condition = Pick<ModuleField, 'when' | 'only'>

function below(doc: ReaderDoc, path: string, condition: Condition): readonly FieldOfAnyKind[] {
  switch (doc.type) {
    case 'value':
      return []
    case 'list':
      return below(doc.of, `${path}[]`, condition)
    case 'object':
      return fieldsOf(doc.fields, path, condition)
    case 'variant': {
      const discriminator = join(path, doc.discriminator)
      const type: FieldOfAnyKind = {
        path: discriminator,
        type: 'a name',
        values: Object.keys(doc.cases),
        required: doc.default === undefined,
        default: doc.default,
        ...condition,
        doc: 'Chooses the form; the other fields depend on it.',
      }
      const cases = Object.entries(doc.cases)
      const forms = cases.flatMap(([name, fields]) =>
        fieldsOf(fields, path, { ...condition, when: `${discriminator}: ${name}` }),
      )
      return [type, ...forms]
    }
  }
}

function fieldsOf(fields: FieldTable, path: string, condition: Condition): readonly FieldOfAnyKind[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const own: FieldOfAnyKind = {
      path: join(path, name),
      type: typeOf(field.reader.doc),
      values: field.reader.doc.type === 'value' ? field.reader.doc.values : undefined,
      required: field.required,
      default: field.default,
      when: condition.when,
      only: field.only ?? condition.only,
      doc: field.doc,
    }
    return [own, ...below(field.reader.doc, own.path, { when: own.when, only: own.only })]
  })
}

function typeOf(doc: ReaderDoc): string {
  switch (doc.type) {
    case 'value':
      return doc.name
    case 'list':
      return `a list, each ${typeOf(doc.of)}`
    case 'object':
    case 'variant':
      return 'a map'
  }
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
