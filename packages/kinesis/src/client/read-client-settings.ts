import type { KinesisEgressDefinition, KinesisIngressDefinition, PropertyReader } from '@statefun/engine'
import type { ClientSettings, HttpSettings } from './client-settings.ts'
import { readCredentials } from './read-credentials.ts'

const CONNECT_TIMEOUT_MS = 5_000
const REQUEST_TIMEOUT_MS = 30_000
const MAX_CONNECTIONS = 64
const LARGEST = 0x7fff_ffff

/**
 * Reads what ingresses and egresses have in common: region, credentials and HTTP.
 *
 * Keys of kzm's connector (`aws.…`) win over the named fields, these over names of Apache's clients (contract 4.5). The
 * caller asks `properties` for what is its own and then warns with `properties.warnUnused(logger, WITHOUT_EFFECT)`.
 *
 * @throws StatefunError `SF_KINESIS_PROPERTY_INVALID`
 */
export function readClientSettings(
  definition: KinesisIngressDefinition | KinesisEgressDefinition,
  properties: PropertyReader,
): ClientSettings {
  const { awsRegion, awsCredentials } = definition
  const named = awsRegion.type === 'default' ? undefined : awsRegion.id
  const apache = properties.text('Region')
  const ownEndpoint = awsRegion.type === 'custom-endpoint' ? awsRegion.endpoint : undefined
  const endpoint = properties.text('aws.endpoint') ?? ownEndpoint
  if (endpoint !== undefined && !isHttpUrl(endpoint)) {
    throw properties.invalid('aws.endpoint', 'an http or https URL')
  }
  return {
    region: properties.text('aws.region') ?? named ?? apache,
    endpoint,
    credentials: readCredentials(awsCredentials, properties),
    http: readHttp(properties, endpoint),
    userAgent: userAgent(properties),
  }
}

function readHttp(properties: PropertyReader, endpoint: string | undefined): HttpSettings {
  const socketTimeoutMs = properties.integer('SocketTimeout', REQUEST_TIMEOUT_MS, 1)
  const requestTimeoutMs = properties.integer('RequestTimeout', socketTimeoutMs, 1)
  const connectTimeoutMs = properties.integer('ConnectTimeout', CONNECT_TIMEOUT_MS, 1)
  const maxConnections = properties.integer('MaxConnections', MAX_CONNECTIONS, 1)
  const version = properties.choice<1 | 2>('aws.http.protocol.version', { HTTP1_1: 1, HTTP2: 2 }, 1)
  const trustAll = properties.flag('aws.trust.all.certificates', false)
  return {
    version: endpoint?.toLowerCase().startsWith('http:') === true ? 1 : version,
    connectTimeoutMs: Math.min(properties.integer('ConnectionTimeout', connectTimeoutMs, 1), LARGEST),
    requestTimeoutMs: Math.min(
      properties.integer('aws.http-client.read-timeout', requestTimeoutMs, 1),
      LARGEST,
    ),
    maxConnections: properties.integer('aws.http-client.max-concurrency', maxConnections, 1),
    proxy: readProxy(properties),
    // Java's client separates hosts with "|".
    noProxy: properties.text('NonProxyHosts')?.replaceAll('|', ','),
    verifyCertificates: properties.flag('VerifyCertificate', true) && !trustAll,
  }
}

function readProxy(properties: PropertyReader): string | undefined {
  const host = properties.text('ProxyHost')
  const names = ['ProxyPort', 'ProxyUsername', 'ProxyUserName', 'ProxyPassword', 'ProxyProtocol'] as const
  if (host === undefined) {
    for (const name of names) properties.idle(name, 'without ProxyHost')
    return undefined
  }
  const protocol = properties.choice('ProxyProtocol', { HTTP: 'http:', HTTPS: 'https:' }, 'http:')
  const port = properties.integer('ProxyPort', protocol === 'https:' ? 443 : 80, 1)
  if (!URL.canParse(`${protocol}//${host}:${port}`))
    throw properties.invalid('ProxyHost', 'the name of a host')
  const url = new URL(`${protocol}//${host}:${port}`)
  url.username = encodeURIComponent(
    properties.text('ProxyUsername') ?? properties.text('ProxyUserName') ?? '',
  )
  url.password = encodeURIComponent(properties.text('ProxyPassword') ?? '')
  return url.href
}

function userAgent(properties: PropertyReader): string | undefined {
  const parts = [properties.text('UserAgentPrefix'), properties.text('UserAgentSuffix')]
  const text = parts.filter((part) => part !== undefined && part !== '').join(' ')
  return text === '' ? undefined : text
}

function isHttpUrl(text: string): boolean {
  return /^https?:/i.test(text) && URL.canParse(text)
}
