import { StatefunError } from '@statefun/protocol'
import type { ErrorJson } from './control-types.ts'

/** Makes an error into plain data. */
export function errorToJson(thrown: unknown): ErrorJson {
  const error = StatefunError.from(thrown)
  return { ...error.toJSON(), ...(error.excerpt === undefined ? {} : { excerpt: error.excerpt }) }
}

/** The other way round. */
export function errorFromJson({ code, message, ...options }: ErrorJson): StatefunError {
  return new StatefunError(code, message, options)
}
