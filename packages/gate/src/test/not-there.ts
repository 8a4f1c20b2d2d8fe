import { StatefunError } from '@statefun/protocol'

/**
 * The error of a wait whose time was over. All of it is in the message: an excerpt would not come over from the worker.
 *
 * @param what such as `topic [t]: no record matched within 20 s`
 * @param details what is known instead, a line each
 */
export function notThere(what: string, details: readonly string[]): StatefunError {
  return new StatefunError('SF_GATE_NOT_THERE', [what, ...details].join('\n'))
}
