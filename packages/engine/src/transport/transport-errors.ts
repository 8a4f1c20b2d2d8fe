import { StatefunError } from '@statefun/protocol'
import { STATUS_CODES } from '../http/node-http.ts'
import type { AttemptFailure } from './retry-policy.ts'

/** What is known when a call is given up. */
export interface GivenUpCall {
  readonly reason: 'budget-exhausted' | 'refused'
  readonly functionName: string
  readonly id: string
  /** With credentials masked. */
  readonly url: string
  readonly attempts: number
  readonly budgetMs: number
  readonly failure: AttemptFailure
  readonly error: Error
}

/** A short reason, without anything of a message's content. */
export function describeFailure(failure: AttemptFailure, error: Error): string {
  if (failure.kind === 'status') {
    const phrase = STATUS_CODES[failure.status]
    return `status ${failure.status}${phrase === undefined ? '' : ` ${phrase}`}`
  }
  if (error.message !== '') return error.message
  return errorCode(error) ?? error.name
}

/** The error a call rejects with: `SF_TRANSPORT_BUDGET_EXHAUSTED` or `SF_TRANSPORT_REFUSED`. */
export function giveUpError(call: GivenUpCall): StatefunError {
  const attempts = `${call.attempts} attempt${call.attempts === 1 ? '' : 's'}`
  const last = describeFailure(call.failure, call.error)
  const [code, message] =
    call.reason === 'refused'
      ? ['SF_TRANSPORT_REFUSED', `the function refused the call (${attempts}): ${last}`]
      : [
          'SF_TRANSPORT_BUDGET_EXHAUSTED',
          `no good answer within ${call.budgetMs} ms (${attempts}); last: ${last}`,
        ]
  return new StatefunError(code, message, {
    where: `${call.functionName} id [${call.id}] at ${call.url}`,
    cause: call.error,
    hint: hintFor(call.failure, call.error),
  })
}

/** The error of calls under way, or made, when their transport closes. */
export function closedError(functionName: string, url: string): StatefunError {
  return new StatefunError('SF_TRANSPORT_CLOSED', 'the transport was closed', {
    where: `${functionName} at ${url}`,
  })
}

function hintFor(failure: AttemptFailure, error: Error): string {
  if (failure.kind === 'status') {
    if (failure.status === 404 || failure.status === 405) {
      return 'check that the path in urlPathTemplate is the one the function server serves'
    }
    if (failure.status >= 500)
      return 'see the log of the function server: the function threw or is not bound there'
    if (failure.status < 400)
      return 'name the final URL in urlPathTemplate; this transport does not go there by itself'
    return 'see the log of whatever answers at the URL'
  }
  if (failure.kind === 'response') {
    return 'check that a Stateful Functions server answers at the URL, and payload_max_bytes'
  }
  const code = errorCode(error) ?? ''
  if (code === 'ECONNREFUSED' || code === 'ENOENT')
    return 'start the function server, or correct urlPathTemplate'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'check the host name in urlPathTemplate'
  if (code.startsWith('ERR_TLS') || code.includes('CERT') || code.startsWith('ERR_SSL')) {
    return 'check trust_cacerts, client_cert and client_key of the transport'
  }
  return 'check that the function server is up and answers within the call budget'
}

function errorCode(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
