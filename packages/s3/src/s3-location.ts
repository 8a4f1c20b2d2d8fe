import { nearestName, StatefunError } from '@statefun/protocol'

/** What an `s3:` URL says. */
export interface S3Location {
  readonly bucket: string
  /** Without slashes at its ends; empty for the whole bucket. */
  readonly prefix: string
  /** Of a store other than Amazon's: `http://127.0.0.1:9000`. */
  readonly endpoint: string | undefined
  readonly region: string | undefined
  /** `endpoint/bucket/key` in place of `bucket.endpoint/key`; undefined when the URL does not say. */
  readonly pathStyle: boolean | undefined
}

const PARAMETERS = ['endpoint', 'region', 'path-style']
const FORM = 's3://bucket/prefix?endpoint=https://host&region=eu-central-1&path-style=true'

/**
 * Reads `s3://bucket/prefix?endpoint=…&region=…&path-style=true`; all parameters may be left out.
 *
 * @throws StatefunError `SF_S3_URL`
 */
export function parseS3Url(text: string): S3Location {
  if (!URL.canParse(text)) throw wrong('this is no URL', `write ${FORM}`)
  const url = new URL(text)
  // The URL is not shown: what somebody took for a user name may be a key.
  if (url.username !== '' || url.password !== '') {
    throw wrong(
      'a URL must not hold credentials',
      'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use a profile or a role',
    )
  }
  const { searchParams: parameters } = url
  if (url.protocol !== 's3:' || url.port !== '' || url.hash !== '')
    throw wrong(`"${text}" is no place in S3`, `write ${FORM}`)
  if (!/^[a-z0-9][a-z0-9._-]{1,253}[a-z0-9]$/i.test(url.hostname)) {
    throw wrong(`"${url.hostname}" cannot be the name of a bucket`, `write ${FORM}`)
  }
  for (const name of parameters.keys()) {
    if (PARAMETERS.includes(name)) continue
    const nearest = nearestName(name, PARAMETERS)
    throw wrong(
      `there is no parameter "${name}"`,
      nearest === undefined ? `known parameters: ${PARAMETERS.join(', ')}` : `did you mean "${nearest}"?`,
    )
  }
  const pathStyle = parameters.get('path-style') ?? undefined
  if (pathStyle !== undefined && pathStyle !== 'true' && pathStyle !== 'false') {
    throw wrong(`path-style is "true" or "false", not "${pathStyle}"`, `write ${FORM}`)
  }
  return {
    bucket: url.hostname,
    prefix: decoded(url.pathname).replace(/^\/+|\/+$/g, ''),
    endpoint: endpointOf(parameters.get('endpoint') ?? undefined),
    region: parameters.get('region') ?? undefined,
    pathStyle: pathStyle === undefined ? undefined : pathStyle === 'true',
  }
}

/** `s3://bucket/prefix`, for messages. */
export function showLocation({ bucket, prefix }: S3Location): string {
  return prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`
}

function endpointOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return text
  throw wrong('the endpoint is not the URL of an HTTP server', 'write endpoint=https://host:port')
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch (cause) {
    throw wrong(`"${path}" cannot be decoded`, 'write "%25" for a percent sign', cause)
  }
}

function wrong(message: string, hint: string, cause?: unknown): StatefunError {
  return new StatefunError('SF_S3_URL', message, { hint, ...(cause === undefined ? {} : { cause }) })
}
