import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { encodeFromFunction, type FunctionResponse, type InvocationBatch } from '@statefun/protocol'
import type { Logger } from '../../logger.ts'
import type { AsyncTransport, EndpointDefinition, OkHttpTransport } from '../../module/model.ts'
import type { AttemptObserver, Transport } from '../transport.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What a server of a test got. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  /** Port of the client's end: tells connections apart. */
  readonly port: number
}

/** Answers the request number `index` (from 0) of a server. */
export type Answer = (response: ServerResponse, request: SeenRequest, index: number) => void

/** A server on loopback and what it saw; closed with its connections by `close`. */
export interface TestServer {
  readonly url: string
  readonly port: number
  readonly requests: readonly SeenRequest[]
  readonly server: Server
  close(): Promise<void>
}

/** Starts a server; `listenAt` is a port or the path of a socket. */
export async function startServer(
  answer: Answer,
  listenAt: number | string = 0,
  server: Server = createServer(),
): Promise<TestServer> {
  const requests: SeenRequest[] = []
  server.on('request', (incoming, response: ServerResponse) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { method = '', url = '', headers, rawHeaders } = incoming
      const port = incoming.socket.remotePort ?? 0
      const request = { method, url, headers, rawHeaders, body: Buffer.concat(chunks), port }
      requests.push(request)
      answer(response, request, requests.length - 1)
    })
  })
  await new Promise<void>((resolve) => {
    if (typeof listenAt === 'string') server.listen(listenAt, resolve)
    else server.listen(listenAt, '127.0.0.1', resolve)
  })
  const port = typeof listenAt === 'string' ? 0 : (server.address() as AddressInfo).port
  return {
    url: `http://127.0.0.1:${port}/statefun`,
    port,
    requests,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** An answer that tells which one it is by its state's name. */
export function responseNamed(stateName: string): FunctionResponse {
  return {
    kind: 'response',
    outgoingMessages: [],
    delayedInvocations: [],
    outgoingEgresses: [],
    stateMutations: [{ stateName, value: undefined }],
  }
}

/** The name that {@link responseNamed} gave. */
export function nameOf(response: FunctionResponse): string | undefined {
  return response.kind === 'response' ? response.stateMutations[0]?.stateName : undefined
}

/** A good answer. */
export function reply(response: ServerResponse, stateName = 'ok'): void {
  const body = encodeFromFunction(responseNamed(stateName))
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': body.length })
  response.end(body)
}

export function replyStatus(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain' })
  response.end('secret of a message')
}

export function batchFor(id: string, bytes = 16): InvocationBatch {
  return {
    target: { namespace: 'example', type: 'counter', id },
    state: [],
    invocations: [
      {
        caller: undefined,
        argument: { typename: 'example/add', hasValue: true, value: new Uint8Array(bytes).fill(1) },
      },
    ],
  }
}

/** The id of the target, read without the codec: ids of tests are unique words. */
export function idIn(request: SeenRequest, ids: readonly string[]): string | undefined {
  return ids.find((id) => request.body.includes(id))
}

export function asyncEndpoint(url: string, overrides: Partial<AsyncTransport> = {}): EndpointDefinition {
  return endpointWith(url, {
    type: 'async',
    callMs: 10_000,
    connectMs: 5000,
    poolTtlMs: 15_000,
    poolSize: 1024,
    payloadMaxBytes: 33_554_432,
    trustCacerts: undefined,
    clientCert: undefined,
    clientKey: undefined,
    clientKeyPassword: undefined,
    ...overrides,
  })
}

export function okHttpEndpoint(url: string, overrides: Partial<OkHttpTransport> = {}): EndpointDefinition {
  return endpointWith(url, {
    type: 'okhttp',
    callMs: 10_000,
    connectMs: 5000,
    readMs: 5000,
    writeMs: 5000,
    ...overrides,
  })
}

function endpointWith(url: string, transport: AsyncTransport | OkHttpTransport): EndpointDefinition {
  return {
    kind: 'io.statefun.endpoints.v2/http',
    functions: 'example/*',
    namespace: 'example',
    name: undefined,
    urlPathTemplate: url,
    maxNumBatchRequests: 1000,
    transport,
    failurePolicy: { type: 'fail' },
    multiCall: true,
    location: { file: 'module.yaml', line: 1, column: 1 },
  }
}

/** Keeps what the transport reported. */
export class Recording implements AttemptObserver, Logger {
  readonly attempts: boolean[] = []
  readonly warnings: { readonly fields: object; readonly message: string }[] = []

  get failedAttempts(): number {
    return this.attempts.filter((failed) => failed).length
  }

  attempt(_milliseconds: number, failed: boolean): void {
    this.attempts.push(failed)
  }

  warn(fields: object, message: string): void {
    this.warnings.push({ fields, message })
  }

  debug(): void {}
  info(): void {}
  error(): void {}
}

/**
 * The error of a call that fails whatever it tries. Virtual time passes between its attempts only, so that on a slow machine
 * none of them is ended by the budget rather than by its own failure.
 */
export async function errorOnceExhausted(
  transport: Transport,
  recording: Recording,
  clock: VirtualClock,
  id = 'x',
): Promise<unknown> {
  let error: unknown
  Promise.resolve(transport.invoke(batchFor(id))).catch((reason: unknown) => {
    error = reason
  })
  for (let seen = 0; ; clock.advance((clock.due[0] ?? clock.now()) - clock.now())) {
    await until(() => error !== undefined || recording.attempts.length > seen)
    // An attempt is reported before what follows from it.
    await new Promise((resolve) => setImmediate(resolve))
    if (error !== undefined) return error
    seen = recording.attempts.length
  }
}

/** Waits until `condition` holds, at most 5 s. */
export async function until(condition: () => boolean): Promise<void> {
  const endMs = performance.now() + 5000
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`did not happen: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
