import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { types } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { recordingLogger, refusal } from '../../test/support.ts'
import { defineFunction } from '../define-function.ts'
import { toFetchHandler } from './fetch.ts'
import { createRequestHandler } from './handle-request.ts'
import {
  type CaseRequest,
  type CaseResponse,
  callOf,
  caseFunctions,
  handlerCases,
  OCTETS,
  releaseSlow,
} from './handlers.cases.ts'
import { type LambdaEvent, type LambdaResult, toLambdaHandler } from './lambda.ts'
import { toNodeHandler } from './node.ts'

handlerCases('node:http', async (functions, options, request) => {
  const server = createServer(toNodeHandler(functions, options))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await overHttp((server.address() as AddressInfo).port, request)
  } finally {
    server.close()
    server.closeAllConnections()
  }
})

handlerCases('fetch', async (functions, options, { method, path = '/', headers, body }) => {
  const handle = toFetchHandler(functions, options)
  const response = await handle(
    new Request(`http://localhost${path}?query=1`, {
      method,
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body: body.slice() }),
    }),
  )
  return {
    status: response.status,
    headers: new Map(response.headers),
    body: new Uint8Array(await response.arrayBuffer()),
  }
})

const base64 = (body: Uint8Array | undefined) => Buffer.from(body ?? []).toString('base64')

handlerCases('lambda, payload 1.0', async (functions, options, { method, path = '/', headers, body }) => {
  const capitalised = Object.entries(headers ?? {}).map(([name, value]) => [name.toUpperCase(), value])
  const event: LambdaEvent = {
    httpMethod: method,
    path,
    headers: Object.fromEntries(capitalised) as Record<string, string>,
    body: base64(body),
    isBase64Encoded: true,
  }
  return fromLambda(await toLambdaHandler(functions, options)(event))
})

handlerCases('lambda, payload 2.0', async (functions, options, { method, path = '/', headers, body }) => {
  const event: LambdaEvent = {
    rawPath: path,
    requestContext: { http: { method, path } },
    headers: headers ?? {},
    ...(body === undefined ? {} : { body: base64(body), isBase64Encoded: true }),
  }
  return fromLambda(await toLambdaHandler(functions, options)(event))
})

describe('the node handler', () => {
  it('stops reading a streamed body at the limit', async () => {
    const server = createServer(
      toNodeHandler(caseFunctions(), { bodyLimit: 1000, logger: recordingLogger() }),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', headers: OCTETS })
      request.on('response', (response) => resolve(response.statusCode))
      request.on('error', reject)
      // No end: an endless body must be refused all the same.
      request.write(new Uint8Array(4000))
    })
    server.close()
    server.closeAllConnections()
    expect(status).toBe(413)
  })
})

describe('the lambda handler', () => {
  it('reads headers of load balancers and bodies that are not base64', async () => {
    const handle = toLambdaHandler(caseFunctions(), { logger: recordingLogger() })
    const event: LambdaEvent = {
      httpMethod: 'POST',
      path: '/',
      multiValueHeaders: { 'Content-Type': ['application/json'] },
      body: 'plain',
    }
    expect((await handle(event)).statusCode).toBe(415)
    expect((await handle({ ...event, multiValueHeaders: null })).statusCode).toBe(400)
    expect((await handle({ httpMethod: 'GET', headers: null, body: null })).statusCode).toBe(200)
  })
})

describe('every handler', () => {
  it('answers 503 over maxConcurrent and recovers', async () => {
    const handle = createRequestHandler(caseFunctions(), { maxConcurrent: 1 })
    const request = {
      method: 'POST',
      path: '/',
      header: () => undefined,
      readBody: async () => callOf('slow', 1n),
    }
    const first = handle(request)
    const busy = await handle(request)
    expect([busy.status, busy.headers['retry-after']]).toEqual([503, '1'])
    await releaseSlow()
    expect((await first).status).toBe(200)
    const again = handle(request)
    await releaseSlow()
    expect((await again).status).toBe(200)
  })

  it('refuses two functions of one type, none at all, and bad limits', async () => {
    const fn = () => defineFunction({ type: 'example/twin', accepts: [types.long], handle() {} })
    expect((await refusal(() => toFetchHandler([fn(), fn()]))).code).toBe('SF_SDK_FUNCTION_DUPLICATE')
    expect((await refusal(() => toLambdaHandler([]))).code).toBe('SF_SDK_FUNCTIONS_EMPTY')
    for (const options of [{ bodyLimit: 0 }, { maxConcurrent: -1 }, { bodyLimit: 0.5 }]) {
      expect((await refusal(() => toNodeHandler([fn()], options))).code).toBe('SF_SDK_OPTION_INVALID')
    }
  })

  it('logs what is thrown without being an error', async () => {
    const logger = recordingLogger()
    const fn = defineFunction({ type: 'example/slow', handle: () => Promise.reject('just text') })
    const response = await createRequestHandler([fn], { logger })({
      method: 'POST',
      path: '/',
      header: () => undefined,
      readBody: async () => callOf('slow', 1n),
    })
    expect(response.status).toBe(500)
    expect(logger.lines).toMatchObject([{ fields: { error: 'just text', stack: 'just text' } }])
  })
})

function fromLambda({ statusCode, headers, body }: LambdaResult): CaseResponse {
  return { status: statusCode, headers: new Map(Object.entries(headers)), body: Buffer.from(body, 'base64') }
}

function overHttp(
  port: number,
  { method, path = '/', headers = {}, body }: CaseRequest,
): Promise<CaseResponse> {
  // Node's client does not frame the body of a DELETE by itself.
  const framed = body === undefined ? headers : { ...headers, 'content-length': String(body.length) }
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { port, host: '127.0.0.1', method, path: `${path}?query=1`, headers: framed, agent: false },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: new Map(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
            body: Buffer.concat(chunks),
          }),
        )
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}
