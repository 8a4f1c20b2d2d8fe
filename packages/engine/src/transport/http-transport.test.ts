import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { decodeToFunction, encodeFromFunction, encodeToFunction } from '@statefun/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import type { EndpointDefinition } from '../module/model.ts'
import { createHttpTransport } from './http-transport.ts'
import {
  type Answer,
  asyncEndpoint,
  batchFor,
  errorOnceExhausted,
  nameOf,
  okHttpEndpoint,
  Recording,
  reply,
  replyStatus,
  responseNamed,
  startServer,
  type TestServer,
  until,
} from './testing/http-fixture.ts'
import { VirtualClock } from './testing/virtual-clock.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function serving(answer: Answer, listenAt?: number | string): Promise<TestServer> {
  const server = await startServer(answer, listenAt)
  cleanUps.push(server.close)
  return server
}

function transportTo(endpoint: EndpointDefinition, clock?: VirtualClock) {
  const recording = new Recording()
  const functionType = { namespace: 'example', name: 'counter' }
  const transport = createHttpTransport({
    endpoint,
    functionType,
    observer: recording,
    logger: recording,
    ...(clock === undefined ? {} : { clock }),
  })
  cleanUps.push(() => transport.close())
  return { transport, recording }
}

/** How a call ends whose attempts all fail. */
async function exhausted(endpoint: EndpointDefinition, id?: string) {
  const clock = new VirtualClock()
  const { transport, recording } = transportTo(endpoint, clock)
  return { error: await errorOnceExhausted(transport, recording, clock, id), recording }
}

const octets = (extra: Record<string, string> = {}) => ({
  'content-type': 'application/octet-stream',
  ...extra,
})
const ENDPOINTS = [
  ['async', asyncEndpoint],
  ['okhttp', okHttpEndpoint],
] as const

describe.each(ENDPOINTS)('%s', (type, endpointAt) => {
  it('sends the batch and decodes the answer', async () => {
    const server = await serving((response) => reply(response, 'total'))
    const { transport, recording } = transportTo(endpointAt(`${server.url}/{function.name}?v=1#f`))
    const batch = batchFor('x')
    expect(nameOf(await transport.invoke(batch))).toBe('total')
    const [request] = server.requests
    expect(request).toMatchObject({ method: 'POST', url: '/statefun/counter?v=1#f' })
    expect(request?.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'user-agent': 'statefun',
      connection: 'keep-alive',
      host: `127.0.0.1:${server.port}`,
      'content-length': String(encodeToFunction(batch).length),
    })
    expect(request?.headers['transfer-encoding']).toBeUndefined()
    if (type === 'async') {
      expect(request?.headers).toMatchObject({
        accept: 'application/octet-stream',
        'accept-encoding': 'gzip,deflate',
      })
    }
    expect(decodeToFunction(request?.body ?? new Uint8Array(0))).toEqual(
      decodeToFunction(encodeToFunction(batch)),
    )
    expect(recording.attempts).toEqual([false])
  })

  it.each([200, 201, 202, 204])(
    'takes status %i with an empty body as an answer without effects',
    async (status) => {
      const server = await serving((response) => response.writeHead(status, octets()).end())
      const response = await transportTo(endpointAt(server.url)).transport.invoke(batchFor('x'))
      expect(response).toMatchObject({ kind: 'response', stateMutations: [], outgoingMessages: [] })
    },
  )

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
  ])('reads %s answers', async (encoding, compress) => {
    const body = compress(encodeFromFunction(responseNamed('packed')))
    const server = await serving((response) =>
      response.writeHead(200, octets({ 'content-encoding': encoding })).end(body),
    )
    expect(nameOf(await transportTo(endpointAt(server.url)).transport.invoke(batchFor('x')))).toBe('packed')
  })

  it('repeats the same request after a failure, and reports the failure', async () => {
    const server = await serving((response, _request, index) => {
      if (index < 3) replyStatus(response, 500)
      else reply(response)
    })
    const { transport, recording } = transportTo(endpointAt(server.url))
    expect(nameOf(await transport.invoke(batchFor('address-id')))).toBe('ok')
    expect(server.requests).toHaveLength(4)
    expect(new Set(server.requests.map((request) => request.body.toString('hex'))).size).toBe(1)
    expect(recording.attempts).toEqual(
      type === 'async' ? [true, true, true, false] : [false, false, false, false],
    )
    expect(recording.warnings).toHaveLength(type === 'async' ? 3 : 0)
    expect(JSON.stringify(recording.warnings)).not.toContain('secret')
    if (type === 'async') {
      expect(recording.warnings[1]).toEqual({
        message: 'Calling example/counter failed: status 500 Internal Server Error',
        fields: expect.objectContaining({
          function: 'example/counter',
          id: 'address-id',
          attempt: 2,
          retryInMs: 8,
        }),
      })
    }
  })

  it('survives a server that goes away and comes back within the budget', async () => {
    const server = await serving((response) => reply(response, 'first'))
    const { transport, recording } = transportTo(endpointAt(server.url))
    await transport.invoke(batchFor('x'))
    await server.close()
    const call = transport.invoke(batchFor('x'))
    setTimeout(() => void serving((response) => reply(response, 'back'), server.port), 100)
    expect(nameOf(await call)).toBe('back')
    expect(recording.failedAttempts).toBeGreaterThan(1)
    expect(recording.warnings[0]?.message).toMatch(/ECONNREFUSED|ECONNRESET|closed/)
  })

  it('retries after a disconnect in the middle of an answer', async () => {
    const server = await serving((response, _request, index) => {
      if (index > 0) return reply(response, 'whole')
      response.writeHead(200, octets({ 'content-length': '1000' }))
      response.write('part')
      setTimeout(() => response.destroy(), 10)
    })
    const { transport, recording } = transportTo(endpointAt(server.url))
    expect(nameOf(await transport.invoke(batchFor('x')))).toBe('whole')
    expect(recording.failedAttempts).toBe(1)
  })

  it('gives up on a server that hangs once the budget is used up', async () => {
    const server = await serving(() => {})
    const clock = new VirtualClock()
    const { transport } = transportTo(endpointAt(server.url, { callMs: 150 }), clock)
    const refused = expect(Promise.resolve(transport.invoke(batchFor('x')))).rejects.toMatchObject({
      code: 'SF_TRANSPORT_BUDGET_EXHAUSTED',
      cause: { code: 'ETIMEDOUT' },
    })
    await until(() => server.requests.length === 1)
    clock.advance(150)
    await refused
    expect(server.requests).toHaveLength(1)
  })

  it('gives up on a refused connection with all that helps to find the cause', async () => {
    const server = await serving(() => {})
    await server.close()
    const url = server.url.replace('//', '//user:secret@')
    const { error } = await exhausted(endpointAt(url, { callMs: 60, connectMs: 60 }), 'my-id')
    expect(error).toMatchObject({
      code: 'SF_TRANSPORT_BUDGET_EXHAUSTED',
      where: `example/counter id [my-id] at http://***@127.0.0.1:${server.port}/statefun`,
      message: expect.stringMatching(/within 60 ms \(\d+ attempts\); last: .*ECONNREFUSED/),
      hint: expect.stringContaining('start the function server'),
      cause: { code: 'ECONNREFUSED' },
    })
  })

  it('rejects calls under way when it is closed, and all later ones', async () => {
    const server = await serving(() => {})
    const { transport, recording } = transportTo(endpointAt(server.url))
    const calls = ['a', 'b', 'c'].map((id) => Promise.resolve(transport.invoke(batchFor(id))))
    await until(() => server.requests.length === 3)
    const closing = Promise.all(
      calls.map((call) => expect(call).rejects.toMatchObject({ code: 'SF_TRANSPORT_CLOSED' })),
    )
    await transport.close()
    await transport.close()
    await closing
    await expect(Promise.resolve(transport.invoke(batchFor('d')))).rejects.toMatchObject({
      code: 'SF_TRANSPORT_CLOSED',
    })
    expect(recording.warnings).toEqual([])
    await expect
      .poll(() => new Promise((resolve) => server.server.getConnections((_error, count) => resolve(count))), {
        timeout: 4000,
      })
      .toBe(0)
  })
})

describe('what async retries and okhttp refuses', () => {
  const WRONG: readonly (readonly [string, Answer])[] = [
    ['status 404', (response) => replyStatus(response, 404)],
    ['status 400', (response) => replyStatus(response, 400)],
    ['a missing content type', (response) => response.writeHead(200).end('x')],
    [
      'a content type with a parameter',
      (response) =>
        response.writeHead(200, { 'content-type': 'application/octet-stream; charset=utf-8' }).end(),
    ],
    ['another content type', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end()],
    [
      'an unparsable body',
      (response) => response.writeHead(200, octets()).end(Buffer.from([0xff, 0xff, 0xff])),
    ],
    [
      'an unknown encoding',
      (response) => response.writeHead(200, octets({ 'content-encoding': 'br' })).end('x'),
    ],
    [
      'a broken gzip stream',
      (response) => response.writeHead(200, octets({ 'content-encoding': 'gzip' })).end('x'),
    ],
  ]

  it.each(WRONG)('%s: async tries again', async (_what, answer) => {
    const server = await serving((response, request, index) =>
      index === 0 ? answer(response, request, index) : reply(response),
    )
    const { transport, recording } = transportTo(asyncEndpoint(server.url))
    expect(nameOf(await transport.invoke(batchFor('x')))).toBe('ok')
    expect(recording.attempts).toEqual([true, false])
  })

  it.each(WRONG)('%s: okhttp fails at once', async (_what, answer) => {
    const server = await serving(answer)
    const { transport } = transportTo(okHttpEndpoint(server.url))
    await expect(Promise.resolve(transport.invoke(batchFor('x')))).rejects.toMatchObject({
      code: 'SF_TRANSPORT_REFUSED',
      where: `example/counter id [x] at ${server.url}`,
      hint: expect.any(String),
    })
    expect(server.requests).toHaveLength(1)
  })
})

describe('size of answers', () => {
  it.each([
    ['announced', (size: number) => octets({ 'content-length': String(size) })],
    ['streamed', () => octets()],
  ])(
    '%s too large: failed attempts until the budget is gone, never read to the end',
    async (_how, headers) => {
      let written = 0
      const server = await serving((response) => {
        response.writeHead(200, headers(50_000_000))
        const push = () => {
          while (!response.destroyed && written < 50_000_000) {
            written += 100_000
            if (!response.write(Buffer.alloc(100_000))) return response.once('drain', push)
          }
          return response.end()
        }
        push()
      })
      const { error, recording } = await exhausted(
        asyncEndpoint(server.url, { payloadMaxBytes: 100_000, callMs: 12 }),
      )
      expect(error).toMatchObject({
        code: 'SF_TRANSPORT_BUDGET_EXHAUSTED',
        cause: { message: expect.stringContaining('larger than 100000 bytes') },
      })
      expect(recording.failedAttempts).toBe(3)
      expect(written).toBeLessThan(40_000_000)
    },
  )

  it('accepts exactly payload_max_bytes', async () => {
    const body = encodeFromFunction(responseNamed('s'.repeat(5000)))
    const server = await serving((response) => response.writeHead(200, octets()).end(body))
    const { transport } = transportTo(asyncEndpoint(server.url, { payloadMaxBytes: body.length }))
    expect(nameOf(await transport.invoke(batchFor('x')))).toHaveLength(5000)
  })

  it('stops a gzip bomb at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000))
    const server = await serving((response, _request, index) =>
      index === 0
        ? response.writeHead(200, octets({ 'content-encoding': 'gzip' })).end(bomb)
        : reply(response),
    )
    const { transport, recording } = transportTo(asyncEndpoint(server.url, { payloadMaxBytes: 1_000_000 }))
    const before = process.memoryUsage().rss
    expect(nameOf(await transport.invoke(batchFor('x')))).toBe('ok')
    expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000)
    expect(recording.warnings[0]?.message).toContain('larger than 1000000 bytes once decompressed')
  })

  it('sends and reads large messages in pieces', async () => {
    const server = await serving((response, request) => reply(response, 's'.repeat(request.body.length)))
    const { transport } = transportTo(asyncEndpoint(server.url))
    expect(nameOf(await transport.invoke(batchFor('x', 3_000_000)))?.length).toBeGreaterThan(3_000_000)
  })
})

describe('redirects', () => {
  const redirectTo =
    (status: number, location: () => string): Answer =>
    (response, request) => {
      if (request.url === '/final') reply(response, request.method)
      else response.writeHead(status, { location: location() }).end()
    }

  it('async takes them as failed attempts', async () => {
    const server = await serving(redirectTo(307, () => '/final'))
    const { error } = await exhausted(asyncEndpoint(server.url, { callMs: 30 }))
    expect(error).toMatchObject({
      code: 'SF_TRANSPORT_BUDGET_EXHAUSTED',
      message: expect.stringContaining('307'),
    })
    expect(server.requests.every((request) => request.url === '/statefun')).toBe(true)
  })

  it.each([
    [302, 'GET'],
    [307, 'POST'],
    [308, 'POST'],
  ])('okhttp follows %i with a %s, also to another server', async (status, method) => {
    const other = await serving(redirectTo(status, () => '/final'))
    const server = await serving(redirectTo(status, () => other.url))
    const { transport, recording } = transportTo(okHttpEndpoint(server.url))
    expect(nameOf(await transport.invoke(batchFor('x')))).toBe(method)
    expect(other.requests.map((request) => request.url)).toEqual(['/statefun', '/final'])
    expect(other.requests[0]?.headers.host).toBe(`127.0.0.1:${other.port}`)
    expect(recording.attempts).toEqual([false])
  })

  it('okhttp ends a loop of redirects', async () => {
    const server = await serving(redirectTo(307, () => '/again'))
    const { error } = await exhausted(okHttpEndpoint(server.url, { callMs: 10 }))
    expect(error).toMatchObject({
      code: 'SF_TRANSPORT_BUDGET_EXHAUSTED',
      cause: { message: 'more than 20 redirects' },
    })
    expect(server.requests).toHaveLength(21)
  })
})

describe('okhttp only', () => {
  it('ends an attempt after the read timeout and tries again', async () => {
    const server = await serving((response, _request, index) => {
      if (index > 0) reply(response, 'second')
    })
    const { transport, recording } = transportTo(okHttpEndpoint(server.url, { readMs: 50 }))
    expect(nameOf(await transport.invoke(batchFor('x')))).toBe('second')
    expect(recording.warnings[0]?.message).toContain('no progress for 50 ms (read)')
  })

  it('counts the read timeout from the last bytes that came', async () => {
    const body = encodeFromFunction(responseNamed('slow but steady'))
    const server = await serving((response) => {
      response.writeHead(200, octets({ 'content-length': String(body.length) }))
      let sent = 0
      const timer = setInterval(() => {
        response.write(body.subarray(sent, ++sent))
        if (sent === body.length) clearInterval(timer)
      }, 40)
    })
    const { transport, recording } = transportTo(okHttpEndpoint(server.url, { readMs: 600 }))
    expect(nameOf(await transport.invoke(batchFor('x')))).toBe('slow but steady')
    expect(recording.failedAttempts).toBe(0)
  })

  it('ends an attempt whose request the server does not read', async () => {
    const sockets = new Set<{ destroy(): void }>()
    const server = createTcpServer({ pauseOnConnect: true }, (socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanUps.push(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const { transport, recording } = transportTo(
      okHttpEndpoint(`http://127.0.0.1:${port}/`, { writeMs: 250, readMs: 5000, callMs: 1000 }),
    )
    await expect(Promise.resolve(transport.invoke(batchFor('x', 30_000_000)))).rejects.toMatchObject({
      code: 'SF_TRANSPORT_BUDGET_EXHAUSTED',
    })
    expect(recording.warnings[0]?.message).toContain('no progress for 250 ms (write)')
  })

  it('calls through a Unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'statefun-'))
    cleanUps.push(() => rmSync(folder, { recursive: true }))
    const server = await serving((response) => reply(response, 'unix'), join(folder, 'fn.sock'))
    const { transport } = transportTo(
      okHttpEndpoint(`http+unix://${folder}/fn.sock/call/{function.name}?q=1`),
    )
    expect(nameOf(await transport.invoke(batchFor('x')))).toBe('unix')
    expect(server.requests[0]).toMatchObject({ url: '/call/counter?q=1', headers: { host: 'localhost' } })
  })
})
