/**
 * HTTP calls per second and CPU time per call: this project's transport against a bare `undici.request` loop, a bare
 * undici pool dispatch and node:http with a keep-alive agent. The server is a bare node:http server in a process of its
 * own that answers every call with the same small FromFunction, or `--delay <ms>` later.
 *
 * node bench/src/http-transport.ts [--calls 100000] [--concurrency 64,256,1024] [--delay 0]
 */
import { fork } from 'node:child_process'
import { createServer, Agent as HttpAgent, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { Agent, Pool, request } from 'undici'
import { silentLogger } from '../../packages/engine/src/logger.ts'
import type { EndpointDefinition } from '../../packages/engine/src/module/model.ts'
import { createHttpTransport } from '../../packages/engine/src/transport/http-transport.ts'
import { decodeFromFunction } from '../../packages/protocol/src/decode-from-function.ts'
import { encodeFromFunction } from '../../packages/protocol/src/encode-from-function.ts'
import type { InvocationBatch } from '../../packages/protocol/src/messages.ts'
import { encodeToFunction } from '../../packages/protocol/src/to-function.ts'

interface Contender {
  readonly name: string
  call(batch: InvocationBatch): Promise<unknown>
  close(): Promise<void>
}

const CONTENT_TYPE = 'application/octet-stream'

function serve(delayMs: number): void {
  const value = new Uint8Array(8).fill(7)
  const answer = encodeFromFunction({
    kind: 'response',
    outgoingMessages: [],
    delayedInvocations: [],
    outgoingEgresses: [],
    stateMutations: [
      { stateName: 'total', value: { typename: 'io.statefun.types/long', hasValue: true, value } },
    ],
  })
  const headers = ['content-type', CONTENT_TYPE, 'content-length', String(answer.length)]
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    const reply = () => {
      response.writeHead(200, headers)
      response.end(answer)
    }
    incoming.resume()
    incoming.on('end', () => (delayMs > 0 ? setTimeout(reply, delayMs) : reply()))
  })
  server.listen(0, '127.0.0.1', 4096, () => process.send?.((server.address() as AddressInfo).port))
  process.on('message', () => process.send?.(cpuMicros()))
  process.on('disconnect', () => process.exit())
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

function batchFor(index: number): InvocationBatch {
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

function ownTransport(url: string): Contender {
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
    name: 'http transport',
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

async function drive(contender: Contender, calls: number, concurrency: number): Promise<number> {
  let next = 0
  const started = performance.now()
  const worker = async () => {
    while (next < calls) await contender.call(batchFor(next++))
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return (performance.now() - started) / 1000
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      calls: { type: 'string', default: '100000' },
      concurrency: { type: 'string', default: '64,256,1024' },
      delay: { type: 'string', default: '0' },
    },
  })
  const calls = Number(values.calls)
  const child = fork(import.meta.filename, ['serve', values.delay])
  const answerOf = () =>
    new Promise<number>((resolve) => child.once('message', (value) => resolve(value as number)))
  const url = `http://127.0.0.1:${await answerOf()}/statefun`
  const serverCpu = () => {
    const answer = answerOf()
    child.send('cpu')
    return answer
  }
  try {
    for (const concurrency of values.concurrency.split(',').map(Number)) {
      const rows = []
      for (const open of [ownTransport, undiciDispatch, undiciRequest, nodeHttp]) {
        const contender = open(url, Math.min(concurrency, 1024))
        await drive(contender, Math.ceil(calls / 5), concurrency)
        const [serverBefore, clientBefore] = [await serverCpu(), cpuMicros()]
        const seconds = await drive(contender, calls, concurrency)
        const [clientAfter, serverAfter] = [cpuMicros(), await serverCpu()]
        await contender.close()
        rows.push({
          contender: contender.name,
          concurrency,
          'calls/s': Math.round(calls / seconds),
          'client µs/call': Number(((clientAfter - clientBefore) / calls).toFixed(1)),
          'server µs/call': Number(((serverAfter - serverBefore) / calls).toFixed(1)),
        })
      }
      console.table(rows)
    }
  } finally {
    child.disconnect()
  }
}

if (process.argv[2] === 'serve') serve(Number(process.argv[3]))
else await main()
