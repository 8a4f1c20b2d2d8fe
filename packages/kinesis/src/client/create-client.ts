import type { KinesisClient } from '@aws-sdk/client-kinesis'
import type { ClientSettings, HttpSettings } from './client-settings.ts'
import { credentialsProvider } from './credentials.ts'
import { profileRegion } from './profile-region.ts'

/** Where the SDK comes from: loading it takes longer than the start of a command that needs none. */
export const loadSdk = () => import('@aws-sdk/client-kinesis')

/**
 * Makes a client; the caller destroys it. Nothing connects before its first call, and nothing is repeated by it: who calls
 * knows what may be sent again, and how loud that is.
 */
export async function createClient(settings: ClientSettings): Promise<KinesisClient> {
  const { region, endpoint, userAgent } = settings
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env
  const named = region ?? AWS_REGION ?? AWS_DEFAULT_REGION
  const where = named ?? (await profileRegion(settings.credentials))
  const [{ KinesisClient }, requestHandler, credentials] = await Promise.all([
    loadSdk(),
    createRequestHandler(settings.http),
    credentialsProvider(settings.credentials, named),
  ])
  return new KinesisClient({
    maxAttempts: 1,
    requestHandler,
    ...(where === undefined ? {} : { region: where }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(userAgent === undefined ? {} : { customUserAgent: userAgent }),
  })
}

async function createRequestHandler(http: HttpSettings) {
  const { NodeHttp2Handler, NodeHttpHandler } = await import('@smithy/node-http-handler')
  if (http.version === 2) {
    return new NodeHttp2Handler({
      requestTimeout: http.requestTimeoutMs,
      sessionTimeout: http.requestTimeoutMs * 2,
    })
  }
  const options = {
    keepAlive: true,
    maxSockets: http.maxConnections,
    ...(http.proxy === undefined
      ? {}
      : { proxyEnv: { HTTP_PROXY: http.proxy, HTTPS_PROXY: http.proxy, NO_PROXY: http.noProxy ?? '' } }),
  }
  return new NodeHttpHandler({
    connectionTimeout: http.connectTimeoutMs,
    requestTimeout: http.requestTimeoutMs,
    throwOnRequestTimeout: true,
    httpAgent: options,
    httpsAgent: { ...options, rejectUnauthorized: http.verifyCertificates },
  })
}
