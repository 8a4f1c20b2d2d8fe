import { StatefunError } from '@statefun/protocol'

/** What the SDK throws, as far as it is looked at. */
interface S3Problem {
  readonly name: string
  readonly message: string
  readonly status: number | undefined
}

/** Where it happened. */
export interface S3Call {
  /** `PutObject` */
  readonly operation: string
  readonly bucket: string
  /** Or the prefix that is listed. */
  readonly key: string
}

/** Answers that come and go although they blame the request. */
const PASSING = new Set([
  'ConditionalRequestConflict',
  'ExpiredToken',
  'ExpiredTokenException',
  'OperationAborted',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'SlowDown',
  'TokenRefreshRequired',
])

/** Reads an error of the SDK, leaving out what it has besides: requests with their headers, and ids of keys. */
export function problemOf(error: unknown): S3Problem {
  const { name, message, $metadata, code }: Record<string, unknown> =
    typeof error === 'object' && error !== null ? { ...named(error), ...error } : {}
  const status =
    typeof $metadata === 'object' && $metadata !== null && 'httpStatusCode' in $metadata
      ? $metadata.httpStatusCode
      : undefined
  const text = typeof message === 'string' && message !== '' ? message : String(code ?? error)
  return {
    name: typeof name === 'string' && name !== 'Error' ? name : String(code ?? 'Error'),
    message: text,
    status: typeof status === 'number' ? status : undefined,
  }
}

/** One line about it. */
export function showProblem({ name, message, status }: S3Problem): string {
  const text = message.includes(name) ? message : `${name}: ${message}`
  return status === undefined ? text : `${text} (HTTP ${status})`
}

/**
 * The error for what no repetition can mend; undefined when it may pass.
 *
 * @param worked whether the store has answered before: credentials that were good are renewed by and by
 */
export function refusalOf(problem: S3Problem, call: S3Call, worked: boolean): StatefunError | undefined {
  const { name, message, status } = problem
  if (PASSING.has(name)) return undefined
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    if (worked) return undefined
    return refusal('SF_S3_CREDENTIALS', 'there are no credentials for S3', problem, call, {
      hint: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use a profile (AWS_PROFILE) or a role of the machine or pod',
    })
  }
  if (/^Region is missing/.test(message)) {
    return refusal('SF_S3_REGION', 'the region of the bucket is not known', problem, call, {
      hint: 'add ?region=… to the URL, or set AWS_REGION',
    })
  }
  if (name === 'NoSuchBucket') {
    return refusal('SF_S3_NO_BUCKET', `there is no bucket "${call.bucket}"`, problem, call, {
      hint: 'create it, or correct the URL (checkpoint.place)',
    })
  }
  if (name === 'PermanentRedirect' || name === 'AuthorizationHeaderMalformed' || status === 301) {
    return refusal('SF_S3_REGION', `the bucket "${call.bucket}" is in another region`, problem, call, {
      hint: 'add ?region=… to the URL, or set AWS_REGION',
    })
  }
  if (status === 403 || status === 401) {
    return refusal(
      'SF_S3_REFUSED',
      `S3 refuses ${call.operation} in the bucket "${call.bucket}"`,
      problem,
      call,
      {
        hint: 'the credentials need s3:GetObject, s3:PutObject and s3:DeleteObject for the objects, and s3:ListBucket for the bucket',
      },
    )
  }
  if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return refusal('SF_S3_REFUSED', `S3 does not accept ${call.operation}`, problem, call, {})
  }
  return undefined
}

function refusal(
  code: string,
  message: string,
  problem: S3Problem,
  { bucket, key }: S3Call,
  options: { readonly hint?: string },
): StatefunError {
  return new StatefunError(code, `${message}: ${showProblem(problem)}`, {
    where: `s3://${bucket}/${key}`,
    ...options,
  })
}

/** Of an Error, these are not enumerable. */
function named(error: object): { name?: unknown; message?: unknown } {
  return {
    name: 'name' in error ? error.name : undefined,
    message: 'message' in error ? error.message : undefined,
  }
}
