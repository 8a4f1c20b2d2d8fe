import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { decodeFromFunction, encodeToFunction, type InvocationBatch } from '@statefun/protocol'
import { Agent, Pool, request } from 'undici'
import { silentLogger } from '../../../packages/engine/src/logger.ts'
import type { EndpointDefinition } from '../../../packages/engine/src/module/model.ts'
import { createHttpTransport } from '../../../packages/engine/src/transport/http-transport.ts'

/** One way to call a function over HTTP. */
export interface Contender {
  readonly name: string
  call(batch: InvocationBatch): Promise<unknown>
  close(): Promise<void>
}

const CONTENT_TYPE = 'application/octet-stream'

/** A batch of one small message, to one of many addresses. */
export function batchFor(index: number): InvocationBatch {
  const typename = 'io.statefun.types/long'
  return {
    target: { namespace: 'example', type: 'counter', id: `key-${index % 100_000}` },
    state: [
      { stateName: 'total', stateValue: { typename, hasValue: true, value: new Uint8Array(9).fill(9) } },
    ],
    invocations: [
      {
        caller: undefined,
        argument: { typename: 'example/add', hasValue: true, value: new Uint8Array(64).fill(1) },
      },
    ],
  }
}

function ownTransport(name: string, url: string): Contender {
  const endpoint: EndpointDefinition = {
    kind: 'io.statefun.endpoints.v2/http',
    functions: 'example/*',
    namespace: 'example',
    name: undefined,
    urlPathTemplate: url,
    maxNumBatchRequests: 1000,
    transport: {
      type: 'async',
      callMs: 60_000,
      connectMs: 20_000,
      poolTtlMs: 15_000,
      poolSize: 1024,
      payloadMaxBytes: 33_554_432,
      trustCacerts: undefined,
      clientCert: undefined,
      clientKey: undefined,
      clientKeyPassword: undefined,
    },
    failurePolicy: { type: 'fail' },
    multiCall: true,
    location: { file: 'module.yaml', line: 1, column: 1 },
  }
  let failed = 0
  const transport = createHttpTransport({
    endpoint,
    functionType: { namespace: 'example', name: 'counter' },
    observer: {
      attempt(_milliseconds, isFailure) {
        if (isFailure) failed++
      },
    },
    logger: silentLogger,
  })
  return {
    name,
    call: async (batch) => transport.invoke(batch),
    async close() {
      await transport.close()
      if (failed > 0) throw new Error(`${failed} attempts failed`)
    },
  }
}

function undiciRequest(url: string, connections: number): Contender {
  const agent = new Agent({ connections, pipelining: 1 })
  const headers = { 'content-type': CONTENT_TYPE, accept: CONTENT_TYPE }
  return {
    name: 'undici.request',
    async call(batch) {
      const response = await request(url, {
        method: 'POST',
        headers,
        body: encodeToFunction(batch),
        dispatcher: agent,
      })
      return decodeFromFunction(await response.body.bytes())
    },
    close: () => agent.destroy(),
  }
}

function undiciDispatch(url: string, connections: number): Contender {
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections, pipelining: 1, allowH2: false })
  const headers = ['content-type', CONTENT_TYPE, 'accept', CONTENT_TYPE]
  return {
    name: 'undici Pool.dispatch',
    call: (batch) =>
      new Promise((resolve, reject) => {
        const chunks: Buffer[] = []
        pool.dispatch(
          { method: 'POST', path: pathname, headers, body: encodeToFunction(batch) },
          {
            onRequestStart() {},
            onResponseStart() {},
            onResponseData: (_controller, chunk) => void chunks.push(chunk),
            onResponseEnd: () => resolve(decodeFromFunction(Buffer.concat(chunks))),
            onResponseError: (_controller, error) => reject(error),
          },
        )
      }),
    close: () => pool.destroy(),
  }
}

function nodeHttp(url: string, connections: number): Contender {
  const agent = new HttpAgent({ keepAlive: true, maxSockets: connections })
  const { hostname, port, pathname } = new URL(url)
  return {
    name: 'node:http',
    call: (batch) =>
      new Promise((resolve, reject) => {
        const body = encodeToFunction(batch)
        const headers = { 'content-type': CONTENT_TYPE, accept: CONTENT_TYPE, 'content-length': body.length }
        const outgoing = httpRequest(
          { agent, hostname, port, path: pathname, method: 'POST', headers },
          (response) => {
            const chunks: Buffer[] = []
            response.on('data', (chunk: Buffer) => chunks.push(chunk))
            response.on('end', () => resolve(decodeFromFunction(Buffer.concat(chunks))))
          },
        )
        outgoing.on('error', reject)
        outgoing.end(body)
      }),
    close: async () => agent.destroy(),
  }
}

/** Ours first, then the others. */
export const contenders = [
  (url: string) => ownTransport('http transport', url),
  (url: string) => ownTransport('http transport, calls together', new URL('/together', url).href),
  undiciDispatch,
  undiciRequest,
  nodeHttp,
]
