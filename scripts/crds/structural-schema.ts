import { Ajv, type ErrorObject } from 'ajv'
import type { Schema } from './read-crds.ts'

/**
 * Checks an object against the structural schema of its CRD, as the API server does, and stricter in one thing: where the
 * server would drop a field that the schema does not know (pruning), that is a finding.
 */
export function structuralValidator(schema: Schema): Validator {
  let validator = cache.get(schema)
  if (validator === undefined) {
    validator = compile(schema)
    cache.set(schema, validator)
  }
  return validator
}

/** What is wrong with an object, one line each. */
export type Validator = (object: unknown) => readonly string[]

/** The schema of a FlinkDeployment holds that of a pod three times: compiling it takes a second. */
const cache = new WeakMap<Schema, Validator>()

function compile(schema: Schema): Validator {
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false, verbose: true })
  const validate = ajv.compile(closed(schema, true))
  return (object) => (validate(object) ? [] : (validate.errors ?? []).map(textOf))
}

/** The schema in the words of JSON Schema, with objects that take no other fields. */
function closed(schema: Schema, root = false): object {
  const { properties, additionalProperties, items, type, nullable, ...rest } = schema
  const plain = Object.fromEntries(Object.entries(rest).filter(([key]) => !key.startsWith('x-kubernetes-')))
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true
  const types =
    schema['x-kubernetes-int-or-string'] === true ? ['integer', 'string'] : type === undefined ? [] : [type]
  const known = Object.fromEntries(
    Object.entries(properties ?? {}).map(([name, item]) => [name, closed(item)]),
  )
  // What every object has is not part of the schema.
  const fields = root ? { apiVersion: {}, kind: {}, metadata: {}, ...known } : known
  const others =
    typeof additionalProperties === 'object' ? closed(additionalProperties) : (additionalProperties ?? open)
  const isObject = properties !== undefined || additionalProperties !== undefined
  return {
    ...plain,
    ...(types.length === 0 ? {} : { type: nullable === true ? [...types, 'null'] : types }),
    ...(isObject ? { properties: fields, additionalProperties: others } : {}),
    ...(items === undefined ? {} : { items: closed(items) }),
  }
}

function textOf({ instancePath, message = '', keyword, params, data }: ErrorObject): string {
  const path = instancePath.slice(1).replaceAll('/', '.').replaceAll('~1', '/') || 'the object'
  if (keyword === 'additionalProperties')
    return `${path}: unknown field "${String(params.additionalProperty)}"`
  if (keyword === 'enum')
    return `${path}: ${JSON.stringify(data)} is none of ${(params.allowedValues as string[]).join(', ')}`
  return `${path}: ${message}`
}
