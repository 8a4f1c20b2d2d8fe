import type { StatefunError } from '@statefun/protocol'

const encoder = new TextEncoder()

/** What a caller is told of a failure: code, message and hint as JSON, never the stack. */
export function errorBody(error: StatefunError): Uint8Array {
  return encoder.encode(`${JSON.stringify(error)}\n`)
}
