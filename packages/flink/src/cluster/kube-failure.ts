import { StatefunError } from '@statefun/protocol'

/** The answer of the API to a request that failed. */
interface ApiStatus {
  readonly message?: string
  readonly reason?: string
  readonly details?: { readonly kind?: string; readonly name?: string }
}

const CODES: Readonly<Record<number, string>> = {
  400: 'SF_KUBE_INVALID',
  401: 'SF_KUBE_REFUSED',
  403: 'SF_KUBE_REFUSED',
  404: 'SF_KUBE_NOT_FOUND',
  409: 'SF_KUBE_CONFLICT',
  422: 'SF_KUBE_INVALID',
}

/** An answer other than 2xx as an error that says what to do. */
export function kubeFailure(status: number, body: string, where: string): StatefunError {
  const { message = body.trim().slice(0, 500) } = parse(body)
  const code = CODES[status] ?? 'SF_KUBE_FAILED'
  const hint = hintFor(status, message)
  return new StatefunError(code, message === '' ? `the API answered ${status}` : message, {
    where,
    ...(hint === undefined ? {} : { hint }),
  })
}

/** A request that never got an answer. */
export function kubeUnreachable(server: string, context: string, cause: unknown): StatefunError {
  const reason =
    cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : cause
  return new StatefunError('SF_KUBE_UNREACHABLE', `no cluster answers at ${server}: ${reason}`, {
    where: `context ${context}`,
    hint: 'name another context with --context, or look with "kubectl cluster-info"',
    cause,
  })
}

function hintFor(status: number, message: string): string | undefined {
  const namespace = /namespaces "([^"]+)" not found/.exec(message)?.[1]
  if (namespace !== undefined) return `make it first: kubectl create namespace ${namespace}`
  if (status === 404 && message.includes('could not find the requested resource')) {
    return 'the cluster has no such kind: for a FlinkDeployment install the Flink Kubernetes Operator'
  }
  if (status === 401) return 'log in again: the cluster does not know who you are'
  if (status === 403) return 'ask for that permission, or use another context with --context'
  if (status === 409 && message.includes('conflict')) {
    return 'somebody else has set these fields: give --force-conflicts to take them over'
  }
  return undefined
}

function parse(body: string): ApiStatus {
  try {
    return JSON.parse(body) as ApiStatus
  } catch {
    // A proxy in between, or an API server that is starting.
    return {}
  }
}
