import * as client from '@kubernetes/client-node'

/** How the official client describes a field of a model. */
interface Attribute {
  readonly baseName: string
  readonly type: string
}

interface ModelClass {
  getAttributeTypeMap(): readonly Attribute[]
}

interface Validatable {
  validate(): void
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  boolean: 'boolean',
}

/**
 * Checks an object of a kind that Kubernetes has built in, or a part of one. Fields that there are, and types of plain
 * values, are what the official client's models say; what is required and which values are allowed says the OpenAPI
 * description of Kubernetes, in the package kubernetes-models.
 */
export async function checkBuiltIn(object: {
  apiVersion?: string
  kind?: string
}): Promise<readonly string[]> {
  const { apiVersion = '', kind = '' } = object
  const version = apiVersion.slice(apiVersion.lastIndexOf('/') + 1)
  const model = `${version[0]?.toUpperCase()}${version.slice(1)}${kind}`
  return [...unknownFields(object, model, ''), ...(await violations(object))]
}

/** Fields of a value that a model of the official client does not have, or of another type. */
export function unknownFields(value: unknown, type: string, path: string): readonly string[] {
  const element = /^Array<(.+)>$/.exec(type)?.[1]
  if (element !== undefined) {
    if (!Array.isArray(value)) return [`${path || 'the object'}: is no list`]
    return value.flatMap((item, index) => unknownFields(item, element, `${path}[${index}]`))
  }
  const entry = /^\{ \[key: string\]: (.+?);? ?\}$/.exec(type)?.[1]
  if (entry !== undefined) {
    if (typeof value !== 'object' || value === null) return [`${path}: is no map`]
    return Object.entries(value).flatMap(([key, item]) => unknownFields(item, entry, `${path}.${key}`))
  }
  const primitive = PRIMITIVES[type]
  if (primitive !== undefined) return typeof value === primitive ? [] : [`${path}: is no ${type}`]
  const model = (client as unknown as Readonly<Record<string, ModelClass | undefined>>)[type]
  if (typeof model?.getAttributeTypeMap !== 'function') return []
  if (typeof value !== 'object' || value === null) return [`${path}: is no object`]
  const attributes = new Map(model.getAttributeTypeMap().map((attribute) => [attribute.baseName, attribute]))
  return Object.entries(value).flatMap(([name, item]) => {
    const attribute = attributes.get(name)
    if (attribute === undefined) return [`${path || 'the object'}: unknown field "${name}"`]
    return unknownFields(item, attribute.type, path === '' ? name : `${path}.${name}`)
  })
}

async function violations(object: { apiVersion?: string; kind?: string }): Promise<readonly string[]> {
  const name = `kubernetes-models/${object.apiVersion}/${object.kind}`
  let model: new (data: unknown) => Validatable
  try {
    const module = (await import(name)) as Record<string, typeof model | undefined>
    const found =
      module[object.kind ?? ''] ??
      (module.default as unknown as Record<string, typeof model>)[object.kind ?? '']
    if (found === undefined) return [`there is no kind ${object.kind} in ${object.apiVersion}`]
    model = found
  } catch {
    return [`there is no kind ${object.kind} in ${object.apiVersion}`]
  }
  try {
    new model(object).validate()
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}
