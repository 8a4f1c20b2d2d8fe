import { StatefunError } from '@statefun/protocol'

/** What the SDK throws, as far as it is looked at. */
export interface KinesisProblem {
  /** `ResourceNotFoundException`, `ECONNREFUSED` */
  readonly name: string
  readonly message: string
  readonly status: number | undefined
}

/** Where it happened. */
export interface KinesisCall {
  /** `PutRecords` */
  readonly operation: string
  /** `egress a/b` */
  readonly owner: string
  /** Name or ARN. */
  readonly stream: string
  /** Coordinates for the error; those of the stream when left out. */
  readonly where?: string
}

const THROTTLING = new Set([
  'KMSThrottlingException',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
])

/** Answers that come and go although they blame the request. */
const PASSING = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InternalFailure',
  'InternalFailureException',
  'KMSInvalidStateException',
  'RequestExpired',
  'RequestInTheFuture',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'ResourceInUseException',
  'ServiceUnavailable',
  'TokenRefreshRequired',
])

/**
 * How AWS refuses what the clock of this machine made: signatures, after which the SDK corrects its time by that of the
 * answer, and a time to read from that is not there yet.
 */
const CLOCK = /^Signature (expired|not yet current)|greater than the currentTimestampInMillis/

const PERMISSIONS: Readonly<Record<string, string>> = {
  PutRecords: 'kinesis:PutRecords on the stream (with a key of your own in KMS: kms:GenerateDataKey)',
  GetRecords:
    'kinesis:ListShards, kinesis:GetShardIterator and kinesis:GetRecords on the stream (with a key of your own in KMS: kms:Decrypt)',
}

/** Reads an error of the SDK, leaving out what it has besides: requests with their headers, and ids of keys. */
export function problemOf(error: unknown): KinesisProblem {
  const fields = typeof error === 'object' && error !== null ? error : {}
  const read = (name: string): unknown => (name in fields ? Reflect.get(fields, name) : undefined)
  const metadata = read('$metadata')
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : undefined
  const name = read('name')
  const message = read('message')
  const code = read('code')
  return {
    name:
      typeof name === 'string' && name !== 'Error' && name !== 'AggregateError'
        ? name
        : String(code ?? 'Error'),
    message: typeof message === 'string' && message !== '' ? message : String(code ?? error),
    status: typeof status === 'number' ? status : undefined,
  }
}

/** One line about it. */
export function showProblem({ name, message, status }: KinesisProblem): string {
  const text = message.includes(name) ? message : `${name}: ${message}`
  return status === undefined ? text : `${text} (HTTP ${status})`
}

/** True for "slow down", of a call or of one of its records. */
export function isThrottling({ name, status }: Pick<KinesisProblem, 'name' | 'status'>): boolean {
  return status === 429 || THROTTLING.has(name)
}

/**
 * The error for what no repetition can mend; undefined when it may pass.
 *
 * @param worked whether this client has had an answer before: credentials that were good are renewed by and by
 * @returns a StatefunError `SF_KINESIS_CREDENTIALS`, `SF_KINESIS_REGION`, `SF_KINESIS_NO_STREAM` or `SF_KINESIS_REFUSED`
 */
export function refusalOf(
  problem: KinesisProblem,
  call: KinesisCall,
  worked: boolean,
): StatefunError | undefined {
  const { name, message, status } = problem
  if (PASSING.has(name) || CLOCK.test(message) || isThrottling(problem)) return undefined
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    if (worked) return undefined
    return refusal('SF_KINESIS_CREDENTIALS', `there are no credentials for ${call.owner}`, problem, call, {
      hint: 'set awsCredentials, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use a profile (AWS_PROFILE) or a role of the machine or pod',
    })
  }
  if (/^Region is missing/.test(message)) {
    return refusal('SF_KINESIS_REGION', `the region of ${call.owner} is not known`, problem, call, {
      hint: 'set awsRegion: {type: specific, id: …}, or AWS_REGION',
    })
  }
  if (name === 'ResourceNotFoundException') {
    return refusal('SF_KINESIS_NO_STREAM', `there is no stream "${call.stream}"`, problem, call, {
      hint: 'create it, or correct its name, the region or the account',
    })
  }
  if (status === 403 || status === 401 || /^(AccessDenied|UnrecognizedClient|KMS)/.test(name)) {
    const permissions = PERMISSIONS[call.operation] ?? `kinesis:${call.operation} on the stream`
    return refusal(
      'SF_KINESIS_REFUSED',
      `Kinesis refuses ${call.operation} of ${call.owner}`,
      problem,
      call,
      { hint: `the credentials need ${permissions}` },
    )
  }
  if (status !== undefined && status >= 400 && status < 500 && status !== 408) {
    return refusal(
      'SF_KINESIS_REFUSED',
      `Kinesis does not accept ${call.operation} of ${call.owner}`,
      problem,
      call,
      {},
    )
  }
  return undefined
}

function refusal(
  code: string,
  message: string,
  problem: KinesisProblem,
  { stream, where = `stream [${stream}]` }: KinesisCall,
  options: { readonly hint?: string },
): StatefunError {
  return new StatefunError(code, `${message}: ${showProblem(problem)}`, {
    where,
    ...options,
  })
}
