import type { StandardSchemaV1 } from '@standard-schema/spec'
import { parseTypename, StatefunError } from '@statefun/protocol'
import type { ValueType } from './value-type.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * A message type from a schema: values travel as JSON text in UTF-8 and are validated by any Standard Schema library
 * (zod, valibot, arktype) when sent and when received.
 *
 * What is sent is the schema's input as it was given; what a handler gets is its output, so defaults and transforms run at
 * the receiver.
 *
 * @throws StatefunError `SF_TYPENAME_INVALID`; when used, `SF_SDK_SCHEMA_MISMATCH` for a value the schema refuses and
 *   `SF_SDK_SCHEMA_ASYNC` for a schema that validates asynchronously
 * @example
 * const AddCommand = message('example/add', z.object({ id: z.string(), delta: z.int() }))
 */
export function message<S extends StandardSchemaV1>(
  typename: string,
  schema: S,
): ValueType<StandardSchemaV1.InferOutput<S>, StandardSchemaV1.InferInput<S>> {
  parseTypename(typename)
  return {
    typename,
    serialize(value) {
      validate(typename, schema, value)
      const text = JSON.stringify(value)
      if (text === undefined)
        throw new StatefunError('SF_SDK_VALUE_INVALID', `a ${typename} has no JSON form`)
      return encoder.encode(text)
    },
    deserialize(bytes) {
      return validate(typename, schema, JSON.parse(decoder.decode(bytes)))
    },
    holds(value) {
      const result = schema['~standard'].validate(value)
      if (!('then' in result)) return result.issues === undefined
      // Only sending can tell; it refuses with the reason.
      result.catch(() => undefined)
      return true
    },
  }
}

function validate<S extends StandardSchemaV1>(
  typename: string,
  schema: S,
  value: unknown,
): StandardSchemaV1.InferOutput<S> {
  const result = settled(typename, schema['~standard'].validate(value))
  if (result.issues === undefined) return result.value
  throw new StatefunError(
    'SF_SDK_SCHEMA_MISMATCH',
    `a value does not match the schema of ${typename}: ${result.issues.map(formatIssue).join('; ')}`,
  )
}

function settled<T>(
  typename: string,
  result: StandardSchemaV1.Result<T> | Promise<StandardSchemaV1.Result<T>>,
): StandardSchemaV1.Result<T> {
  if (!('then' in result)) return result
  // The promise is dropped here; its rejection must not end the process.
  result.catch(() => undefined)
  throw new StatefunError('SF_SDK_SCHEMA_ASYNC', `the schema of ${typename} validates asynchronously`, {
    hint: 'use a synchronous schema and do asynchronous checks in the handler',
  })
}

function formatIssue(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((segment) =>
    String(typeof segment === 'object' ? segment.key : segment),
  )
  return path.length === 0 ? issue.message : `${path.join('.')}: ${issue.message}`
}
