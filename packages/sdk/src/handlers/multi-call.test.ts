import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { decodeFromFunction, encodeMultiCall, MultiCallReader, types } from '@statefun/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { recordingLogger } from '../../test/support.ts'
import { defineFunction } from '../define-function.ts'
import { toFetchHandler } from './fetch.ts'
import type { HandlerOptions } from './handle-request.ts'
import { callOf, caseFunctions, OCTETS, releaseSlow } from './handlers.cases.ts'
import { toNodeHandler } from './node.ts'
import { serve } from './serve.ts'

const TYPE = 'application/vnd.statefun.multi-call'
const SEVERAL = { 'content-type': TYPE }

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

interface Frame {
  readonly index: number
  readonly status: number
  readonly body: Uint8Array
}

async function serving(
  options: HandlerOptions = {},
  functions = [...caseFunctions(), busy],
): Promise<number> {
  const server = createServer(toNodeHandler(functions, { logger: recordingLogger(), ...options }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

/** Holds the thread for longer than calls of one request may before others have their turn. */
const busy = defineFunction({
  type: 'example/busy',
  accepts: [types.long],
  handle() {
    for (const end = performance.now() + 10; performance.now() < end; );
  },
})

async function post(
  port: number,
  headers: Record<string, string>,
  body: Uint8Array,
): Promise<IncomingMessage> {
  const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', headers, agent: false })
  request.end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response
}

/** The frames, as they come. */
async function* framesOf(response: AsyncIterable<unknown>, calls: number): AsyncGenerator<readonly Frame[]> {
  let frames: Frame[] = []
  const reader = new MultiCallReader(calls, 1_000_000, {
    answer: (index, status, body) => frames.push({ index, status, body }),
    tooLarge: (index) => expect.unreachable(`frame ${index} is too large`),
  })
  for await (const chunk of response) {
    reader.push(chunk as Buffer)
    if (frames.length > 0) yield frames
    frames = []
  }
}

async function answersTo(port: number, calls: readonly Uint8Array[]): Promise<readonly Frame[]> {
  const response = await post(port, SEVERAL, encodeMultiCall(calls))
  expect([response.statusCode, response.headers['content-type']]).toEqual([200, TYPE])
  const all: Frame[] = []
  for await (const frames of framesOf(response, calls.length)) all.push(...frames)
  return all
}

const codeOf = ({ body }: Frame) => (JSON.parse(new TextDecoder().decode(body)) as { code: string }).code

describe('several calls in one request', () => {
  it('are offered by the answers to single calls, and by nothing else', async () => {
    const port = await serving()
    const offered = await post(port, OCTETS, callOf('counter', 1n))
    expect(offered.headers['statefun-multi-call']).toBe('1; calls=256; bytes=1048576')
    const health = await fetch(`http://127.0.0.1:${port}/health`)
    expect(health.headers.get('statefun-multi-call')).toBeNull()
    const small = await post(await serving({ bodyLimit: 5000 }), OCTETS, callOf('counter', 1n))
    expect(small.headers['statefun-multi-call']).toBe('1; calls=256; bytes=5000')
  })

  it('are neither offered nor taken with multiCall: false, nor where the host cannot stream', async () => {
    const port = await serving({ multiCall: false })
    const single = await post(port, OCTETS, callOf('counter', 1n))
    expect(single.headers['statefun-multi-call']).toBeUndefined()
    expect((await post(port, SEVERAL, encodeMultiCall([callOf('counter', 1n)]))).statusCode).toBe(415)
    const fetchLike = toFetchHandler(caseFunctions(), { logger: recordingLogger() })
    const send = (headers: Record<string, string>, body: Uint8Array) =>
      fetchLike(new Request('http://localhost/', { method: 'POST', headers, body: body.slice() }))
    expect((await send(OCTETS, callOf('counter', 1n))).headers.get('statefun-multi-call')).toBeNull()
    expect((await send(SEVERAL, encodeMultiCall([callOf('counter', 1n)]))).status).toBe(415)
  })

  it('are answered one by one, at once and with a length where no function waits', async () => {
    const body = encodeMultiCall([callOf('counter', 1n), callOf('counter', 2n)])
    const response = await post(await serving(), SEVERAL, body)
    expect(response.headers['content-length']).toMatch(/^\d+$/)
    for await (const frames of framesOf(response, 2)) {
      const totals = frames.map(({ status, body }) => [status, decodeFromFunction(body)])
      expect(totals).toMatchObject([
        [200, { stateMutations: [{ stateName: 'total' }] }],
        [200, { stateMutations: [{ stateName: 'total' }] }],
      ])
    }
  })

  it('fail on their own', async () => {
    const logger = recordingLogger()
    const frames = await answersTo(await serving({ logger }), [
      callOf('counter', -1n),
      callOf('counter', 1n),
      Uint8Array.of(0xff),
      callOf('countr', 1n),
      new Uint8Array(0),
    ])
    expect(frames.map(({ index, status }) => [index, status])).toEqual([
      [0, 500],
      [1, 200],
      [2, 400],
      [3, 500],
      [4, 400],
    ])
    expect([frames[0]!, frames[3]!, frames[4]!].map(codeOf)).toEqual([
      'SF_SDK_HANDLER_FAILED',
      'SF_SDK_FUNCTION_UNKNOWN',
      'SF_SDK_REQUEST_UNDECODABLE',
    ])
    expect(logger.lines).toHaveLength(4)
  })

  it('do not wait for a slow one', async () => {
    const calls = [callOf('slow', 1n), callOf('counter', 1n), callOf('counter', 2n)]
    const response = await post(await serving(), SEVERAL, encodeMultiCall(calls))
    expect(response.headers['x-accel-buffering']).toBe('no')
    const order: number[] = []
    for await (const frames of framesOf(response, 3)) {
      order.push(...frames.map(({ index }) => index))
      if (order.length === 2) await releaseSlow()
    }
    expect(order).toEqual([1, 2, 0])
  })

  it('that hold the thread are answered between them', async () => {
    const calls = [callOf('busy', 1n), callOf('busy', 2n), callOf('busy', 3n)]
    const response = await post(await serving(), SEVERAL, encodeMultiCall(calls))
    // A length would mean that nothing was sent before all were done.
    expect(response.headers['content-length']).toBeUndefined()
    const order: number[] = []
    for await (const frames of framesOf(response, 3)) order.push(...frames.map(({ index }) => index))
    expect(order).toEqual([0, 1, 2])
  })

  it('count one by one for maxConcurrent', async () => {
    const port = await serving({ maxConcurrent: 1 })
    const response = await post(port, SEVERAL, encodeMultiCall([callOf('slow', 1n), callOf('counter', 1n)]))
    const all: Frame[] = []
    for await (const frames of framesOf(response, 2)) {
      all.push(...frames)
      if (all.length > 1) break
      expect((await post(port, SEVERAL, encodeMultiCall([callOf('counter', 1n)]))).statusCode).toBe(503)
      await releaseSlow()
    }
    expect(all.map(({ index, status }) => [index, status])).toEqual([
      [1, 503],
      [0, 200],
    ])
    expect((await answersTo(port, [callOf('counter', 1n)]))[0]?.status).toBe(200)
  })

  it('are refused as a whole when they are too many, too long or broken', async () => {
    const logger = recordingLogger()
    const port = await serving({ bodyLimit: 50_000, logger })
    const single = callOf('counter', 1n)
    const tooMany = encodeMultiCall(Array.from({ length: 257 }, () => single))
    const tooLong = encodeMultiCall([new Uint8Array(60_000)])
    const broken = encodeMultiCall([single]).subarray(0, 20)
    const statuses = []
    for (const body of [tooMany, tooLong, broken, new Uint8Array(0)]) {
      statuses.push((await post(port, SEVERAL, body)).statusCode)
    }
    expect(statuses).toEqual([400, 413, 400, 400])
    expect(logger.lines).toHaveLength(4)
  })

  it('are answered over HTTP/2 as well', async () => {
    const server = createHttp2Server(toNodeHandler(caseFunctions(), { logger: recordingLogger() }) as never)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    closers.push(
      () => client.close(),
      () => server.close(),
    )
    const stream = client.request({ ':method': 'POST', ':path': '/', ...SEVERAL })
    stream.end(encodeMultiCall([callOf('slow', 1n), callOf('counter', 1n)]))
    const order: number[] = []
    for await (const frames of framesOf(stream, 2)) {
      order.push(...frames.map(({ index }) => index))
      if (order.length === 1) await releaseSlow()
    }
    expect(order).toEqual([1, 0])
  })

  it('run on when the caller goes away, and leave their places', async () => {
    const port = await serving({ maxConcurrent: 2 })
    const response = await post(port, SEVERAL, encodeMultiCall([callOf('slow', 1n), callOf('counter', 1n)]))
    for await (const _ of framesOf(response, 2)) break
    response.destroy()
    await releaseSlow()
    await expect.poll(async () => (await answersTo(port, [callOf('counter', 1n)]))[0]?.status).toBe(200)
  })

  it('are answered to the end while the server closes, which then ends the connection', async () => {
    const options = { port: 0, host: '127.0.0.1', signals: false, logger: recordingLogger() } as const
    const server = await serve(caseFunctions(), options)
    const body = encodeMultiCall([callOf('slow', 1n), callOf('counter', 1n)])
    const response = await post(server.port, SEVERAL, body)
    let closing: Promise<void> | undefined
    const order: number[] = []
    for await (const frames of framesOf(response, 2)) {
      order.push(...frames.map(({ index }) => index))
      closing ??= server.close()
      if (order.length === 1) await releaseSlow()
    }
    expect(order).toEqual([1, 0])
    await closing
  })
})
