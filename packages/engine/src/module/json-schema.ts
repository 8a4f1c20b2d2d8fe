import { MODULE_KINDS } from './kinds/index.ts'
import type { FieldTable, ReaderDoc } from './readers/reader.ts'

/** A JSON Schema, draft 2020-12, as far as this file writes it. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/** Any scalar may be a placeholder, which is filled in when the file is read. */
const PLACEHOLDER: JsonSchema = { type: 'string', pattern: '\\$\\{' }

/**
 * The JSON Schema of one document of a module.yaml, made from the tables that the parser reads: what an editor needs to
 * complete and check the file while it is written. `statefun validate` says more: what holds across fields and documents,
 * and what another letter case of a name means.
 *
 * @example
 * // first line of a module.yaml, for editors with a YAML language server:
 * // # yaml-language-server: $schema=./node_modules/@statefun/engine/module.schema.json
 */
export function moduleJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A document of module.yaml',
    description: 'Stateful Functions: endpoints, ingresses and egresses of an app.',
    type: 'object',
    required: ['kind', 'spec'],
    properties: {
      kind: { description: 'What the document defines.', enum: MODULE_KINDS.map(({ kind }) => kind) },
      spec: { type: 'object' },
    },
    allOf: MODULE_KINDS.map(({ kind, doc, spec }) => ({
      if: { required: ['kind'], properties: { kind: { const: kind } } },
      // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
      then: { properties: { spec: { description: doc, ...schemaOf(spec.doc) } } },
    })),
  }
}

function schemaOf(doc: ReaderDoc): JsonSchema {
  switch (doc.type) {
    case 'value':
      return valueSchema(doc.name, doc.values)
    case 'list':
      return { type: 'array', items: schemaOf(doc.of) }
    case 'object':
      return objectSchema(doc.fields, {})
    case 'variant': {
      const forms = Object.entries(doc.cases).map(([name, fields]) => ({
        title: name,
        ...objectSchema(fields, { [doc.discriminator]: { const: name } }),
        ...(name === doc.default ? {} : { required: [doc.discriminator, ...requiredOf(fields)] }),
      }))
      return { type: 'object', oneOf: forms }
    }
  }
}

function valueSchema(name: string, values: readonly string[] | undefined): JsonSchema {
  if (values !== undefined) return { anyOf: [{ enum: values }, PLACEHOLDER] }
  switch (name) {
    case 'a whole number':
      return { anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^[+-]?\\d+$|\\$\\{' }] }
    case 'true or false':
      return { anyOf: [{ type: 'boolean' }, { type: 'string', pattern: '^(?:[Tt]rue|[Ff]alse)$|\\$\\{' }] }
    case 'a typename':
    case 'a function type':
      return { type: 'string', pattern: '^[^/]+/[^/]+$|\\$\\{' }
    default:
      return name.startsWith('a list of ')
        ? { type: 'array', items: { type: ['object', 'string'] } }
        : { type: ['string', 'number', 'boolean'] }
  }
}

function objectSchema(fields: FieldTable, more: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, { reader, doc, default: value }]) => [
      name,
      { description: value === undefined ? doc : `${doc} Default: ${value}.`, ...schemaOf(reader.doc) },
    ]),
  )
  const required = requiredOf(fields)
  return {
    type: 'object',
    properties: { ...more, ...properties },
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
  }
}

function requiredOf(fields: FieldTable): readonly string[] {
  return Object.entries(fields).flatMap(([name, field]) => (field.required ? [name] : []))
}
