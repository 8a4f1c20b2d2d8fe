import { StatefunError } from '../statefun-error.ts'

/**
 * The error for bytes that are not the message they should be.
 *
 * @param field the message and field in the protocol's own words: `Address.namespace`
 * @param offset byte offset from the start of the decoded bytes
 */
export function malformed(field: string, offset: number, problem: string): StatefunError {
  return new StatefunError('SF_PROTOCOL_MALFORMED', `${field}: ${problem} at byte ${offset}`, {
    where: `${field}, byte ${offset}`,
  })
}
