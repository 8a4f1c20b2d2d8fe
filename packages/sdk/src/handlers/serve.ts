import { once } from 'node:events'
import type { Server } from 'node:http'
import type { ServerOptions as HttpsOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type InvocableFunction, StatefunError } from '@statefun/protocol'
import { type Duration, parseDuration } from '../duration.ts'
import { consoleLogger } from '../logger.ts'
import { createStreamingHandler, type HandlerOptions } from './handle-request.ts'
import { nodeListener } from './node.ts'

/** Certificates of {@link serve}: PEM text or bytes. */
export interface TlsOptions {
  readonly key: string | Uint8Array
  readonly cert: string | Uint8Array
  readonly passphrase?: string
  /** The authorities whose client certificates are accepted; needed with `requestCert`. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[]
  /** Mutual TLS: callers without a certificate from `ca` are refused. */
  readonly requestCert?: boolean
}

/** Options of {@link serve}. */
export interface ServeOptions extends HandlerOptions {
  /** 8000 by default; 0 takes a free one. */
  readonly port?: number
  /** The address to listen on; all of them by default, as a container needs it. */
  readonly host?: string
  /** Serves https instead of http. */
  readonly tls?: TlsOptions
  /** Signals that start a graceful shutdown, SIGTERM and SIGINT by default; false leaves signals alone. */
  readonly signals?: readonly NodeJS.Signals[] | false
  /** How long running calls may take to finish at shutdown before they are cut off; 10 s by default. */
  readonly shutdownTimeout?: Duration
  /** How long a caller may take to send the head of a request; 10 s by default. */
  readonly headersTimeout?: Duration
  /** How long a caller may take to send a whole request; 60 s by default. */
  readonly requestTimeout?: Duration
}

const MAX_CHECK_INTERVAL = 1000

/**
 * Not by `import`: that asks a module for all of its exports, and with those of `node:http` comes the client behind
 * `WebSocket`, 10 MB that a function server does not need. Without TLS it does not need OpenSSL either.
 */
const builtin = process.getBuiltinModule

/** A running function server. */
export interface FunctionServer extends AsyncDisposable {
  readonly port: number
  /** Where it can be reached from this machine, without a path. */
  readonly url: string
  /** Stops taking requests, lets running calls finish within `shutdownTimeout`, then cuts off what is left. */
  close(): Promise<void>
}

/**
 * Serves functions over HTTP until a signal or `close()`.
 *
 * @throws StatefunError `SF_SDK_LISTEN_FAILED`, `SF_SDK_TLS_INVALID`, `SF_DURATION_INVALID`, and as
 *   {@link createStreamingHandler}
 * @example
 * const server = await serve([counter, greeter], { port: 8000 })
 * console.log(server.url)
 */
export async function serve(
  functions: readonly InvocableFunction[],
  options: ServeOptions = {},
): Promise<FunctionServer> {
  const logger = options.logger ?? consoleLogger
  const shutdownTimeout = parseDuration(options.shutdownTimeout ?? '10 s')
  const server = makeServer(functions, options)
  await listen(server, options)
  server.on('error', (error) => logger.error({ error: error.message }, 'the server reported an error'))

  const { port } = server.address() as AddressInfo
  const signals = options.signals === false ? [] : (options.signals ?? (['SIGTERM', 'SIGINT'] as const))
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= drain(server, shutdownTimeout)
    for (const signal of signals) process.removeListener(signal, onSignal)
    return closed
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    logger.info({ signal }, 'shutting down')
    void close()
  }
  for (const signal of signals) process.once(signal, onSignal)
  logger.info({ port, functions: functions.map((fn) => fn.typename) }, 'serving functions')

  const host = options.host === undefined ? 'localhost' : options.host
  const scheme = options.tls === undefined ? 'http' : 'https'
  const authority = host.includes(':') ? `[${host}]` : host
  return { port, url: `${scheme}://${authority}:${port}`, close, [Symbol.asyncDispose]: close }
}

function makeServer(functions: readonly InvocableFunction[], options: ServeOptions): Server {
  const headersTimeout = parseDuration(options.headersTimeout ?? '10 s')
  const requestTimeout = parseDuration(options.requestTimeout ?? '60 s')
  const timeouts = {
    headersTimeout,
    requestTimeout,
    // How often node looks for connections over these limits; its default of 30 s would make shorter limits void.
    connectionsCheckingInterval: Math.min(headersTimeout || MAX_CHECK_INTERVAL, MAX_CHECK_INTERVAL),
  }
  const listener = nodeListener(createStreamingHandler(functions, options), () => !server.listening)
  const server: Server =
    options.tls === undefined
      ? builtin('node:http').createServer(timeouts, listener)
      : builtin('node:https').createServer({ ...timeouts, ...secureOptions(options.tls) }, listener)
  return server
}

function secureOptions({ ca, requestCert = false, ...keys }: TlsOptions): HttpsOptions {
  if (requestCert && ca === undefined) {
    throw new StatefunError('SF_SDK_TLS_INVALID', 'tls.requestCert needs tls.ca', {
      hint: 'give the certificate authority whose client certificates are accepted',
    })
  }
  const secure = {
    ...keys,
    ...(ca === undefined ? {} : { ca }),
    requestCert,
    rejectUnauthorized: requestCert,
  } as HttpsOptions
  try {
    builtin('node:tls').createSecureContext(secure)
  } catch (error) {
    const reason = StatefunError.from(error).message
    throw new StatefunError('SF_SDK_TLS_INVALID', `the TLS options do not work: ${reason}`, { cause: error })
  }
  return secure
}

async function listen(server: Server, options: ServeOptions): Promise<void> {
  const port = options.port ?? 8000
  try {
    server.listen({ port, ...(options.host === undefined ? {} : { host: options.host }) })
    await once(server, 'listening')
  } catch (cause) {
    const error = StatefunError.from(cause)
    throw new StatefunError('SF_SDK_LISTEN_FAILED', `cannot listen on port ${port}: ${error.message}`, {
      cause,
      hint: 'choose another port, or 0 for a free one',
    })
  }
}

function drain(server: Server, timeout: number): Promise<void> {
  return new Promise((resolve) => {
    const cutOff = setTimeout(() => server.closeAllConnections(), timeout)
    server.close(() => {
      clearTimeout(cutOff)
      resolve()
    })
  })
}
