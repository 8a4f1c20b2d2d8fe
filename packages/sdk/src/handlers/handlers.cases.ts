import { gzipSync } from 'node:zlib'
import { decodeFromFunction, encodeToFunction, types } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { longMessage, recordingLogger, wire } from '../../test/support.ts'
import { defineFunction } from '../define-function.ts'
import type { HandlerOptions } from './handle-request.ts'

/** A request in the terms all adapters share. */
export interface CaseRequest {
  readonly method: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

/** An answer in the terms all adapters share; header names in lower case. */
export interface CaseResponse {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: Uint8Array
}

/** Sends a request through one adapter that serves `functions`. */
export type SendCase = (
  functions: ReturnType<typeof caseFunctions>,
  options: HandlerOptions,
  request: CaseRequest,
) => Promise<CaseResponse>

let release: (() => void) | undefined

export function caseFunctions() {
  const counter = defineFunction({
    type: 'example/counter',
    state: { total: types.long },
    accepts: [types.long],
    handle(ctx, delta) {
      if (delta < 0n) throw new Error(`no such delta: ${delta}`, { cause: new Error('the root') })
      ctx.state.total = (ctx.state.total ?? 0n) + delta
    },
  })
  const slow = defineFunction({
    type: 'example/slow',
    accepts: [types.long],
    handle: () =>
      new Promise<void>((resolve) => {
        release = resolve
      }),
  })
  return [counter, slow]
}

const OCTETS = { 'content-type': 'application/octet-stream' }

function callOf(type: string, ...deltas: bigint[]): Uint8Array {
  return encodeToFunction({
    target: { namespace: 'example', type, id: 'x' },
    state: [{ stateName: 'total', stateValue: wire(types.long, 40n) }],
    invocations: deltas.map(longMessage),
  })
}

/** The table of contract 3.3, for every adapter. */
export function handlerCases(name: string, send: SendCase): void {
  const request = (given: CaseRequest, options: HandlerOptions = {}) =>
    send(caseFunctions(), { logger: recordingLogger(), ...options }, given)
  const post = (body: Uint8Array, headers: Record<string, string> = OCTETS, options: HandlerOptions = {}) =>
    request({ method: 'POST', path: '/statefun', headers, body }, options)
  const codeOf = (response: CaseResponse) =>
    (JSON.parse(new TextDecoder().decode(response.body)) as { code: string }).code

  describe(`${name} (contract 3.3)`, () => {
    it('answers a call with 200 and exactly the content type the runtime wants', async () => {
      const response = await post(callOf('counter', 1n, 1n))
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('application/octet-stream')
      expect(decodeFromFunction(response.body)).toMatchObject({
        kind: 'response',
        stateMutations: [{ stateName: 'total', value: { typename: types.long.typename } }],
      })
    })

    it.each([
      ['a content type with parameters', { 'content-type': 'Application/Octet-Stream; v=1' }],
      ['no content type', {}],
    ])('takes %s', async (_, headers) => {
      expect((await post(callOf('counter', 1n), headers)).status).toBe(200)
    })

    it('answers GET and HEAD as health probes', async () => {
      for (const path of ['/statefun', '/health']) {
        const response = await request({ method: 'GET', path }, { path: '/statefun' })
        expect([response.status, new TextDecoder().decode(response.body)]).toEqual([200, 'OK'])
      }
      const head = await request({ method: 'HEAD', path: '/health' })
      expect([head.status, head.body.length]).toEqual([200, 0])
      const moved = await request({ method: 'GET', path: '/live' }, { path: '/', healthPath: '/live' })
      expect(moved.status).toBe(200)
    })

    it('answers 405 with Allow to other methods', async () => {
      for (const method of ['PUT', 'DELETE', 'PATCH']) {
        const response = await request({ method, path: '/statefun', body: callOf('counter', 1n) })
        expect(response.status).toBe(405)
        expect(response.headers.get('allow')).toBe('GET, HEAD, POST')
      }
    })

    it('answers 404 off the path, if there is one', async () => {
      const response = await post(callOf('counter', 1n), OCTETS, { path: '/other' })
      expect(response.status).toBe(404)
      expect(codeOf(response)).toBe('SF_SDK_PATH_UNKNOWN')
    })

    it('answers 415 to another content type or encoding', async () => {
      const type = await post(callOf('counter', 1n), { 'content-type': 'application/json' })
      const encoding = await post(callOf('counter', 1n), { ...OCTETS, 'content-encoding': 'br' })
      expect([type.status, encoding.status]).toEqual([415, 415])
      expect([codeOf(type), codeOf(encoding)]).toEqual(['SF_SDK_CONTENT_TYPE', 'SF_SDK_CONTENT_ENCODING'])
    })

    it('answers 400 to what cannot be decoded', async () => {
      for (const body of [
        new Uint8Array(0),
        Uint8Array.of(0xff, 0xff),
        callOf('counter', 1n).subarray(0, 20),
      ]) {
        expect((await post(body)).status).toBe(400)
      }
      const logger = recordingLogger()
      await post(Uint8Array.of(0xff), OCTETS, { logger })
      expect(logger.lines).toMatchObject([{ level: 'warn', fields: { code: expect.stringMatching(/^SF_/) } }])
      const notGzip = await post(callOf('counter', 1n), { ...OCTETS, 'content-encoding': 'gzip' })
      expect(notGzip.status).toBe(400)
    })

    it('answers 413 over the limit, before and after decompression', async () => {
      const body = callOf('counter', ...Array.from({ length: 1000 }, () => 1n))
      const plain = await post(body, OCTETS, { bodyLimit: 1000 })
      const zipped = gzipSync(body)
      expect(zipped.length).toBeLessThan(1000)
      const bomb = await post(zipped, { ...OCTETS, 'content-encoding': 'gzip' }, { bodyLimit: 1000 })
      expect([plain.status, bomb.status]).toEqual([413, 413])
      expect(codeOf(plain)).toBe('SF_SDK_BODY_TOO_LARGE')
      expect((await post(body, OCTETS, { bodyLimit: body.length })).status).toBe(200)
    })

    it('takes a compressed body', async () => {
      const response = await post(gzipSync(callOf('counter', 2n)), { ...OCTETS, 'content-encoding': 'gzip' })
      expect(response.status).toBe(200)
    })

    it('answers 500 when a function fails, and logs address, batch size and stack but never sends the stack', async () => {
      const logger = recordingLogger()
      const response = await post(callOf('counter', 1n, -1n), OCTETS, { logger })
      expect(response.status).toBe(500)
      const text = new TextDecoder().decode(response.body)
      expect(JSON.parse(text)).toEqual({ code: 'SF_SDK_HANDLER_FAILED', message: 'no such delta: -1' })
      expect(text).not.toContain('handlers.cases')
      expect(logger.lines).toMatchObject([
        {
          level: 'error',
          fields: {
            address: 'example/counter id [x]',
            batchSize: 2,
            stack: expect.stringMatching(/handlers\.cases(.|\n)*caused by: Error: the root/),
          },
        },
      ])
    })

    it('answers 500 to an unknown function, names the nearest and logs it', async () => {
      const logger = recordingLogger()
      const response = await post(callOf('countr', 1n), OCTETS, { logger })
      expect(response.status).toBe(500)
      expect(codeOf(response)).toBe('SF_SDK_FUNCTION_UNKNOWN')
      expect(logger.lines).toMatchObject([{ fields: { hint: 'did you mean example/counter?' } }])
    })

    it('answers missing states with 200', async () => {
      const body = encodeToFunction({
        target: { namespace: 'example', type: 'counter', id: 'x' },
        state: [],
        invocations: [longMessage(1n)],
      })
      const response = await post(body)
      expect(response.status).toBe(200)
      expect(decodeFromFunction(response.body)).toMatchObject({ missing: [{ stateName: 'total' }] })
    })
  })
}

/** Lets the call of `example/slow` that is running finish. */
export async function releaseSlow(): Promise<void> {
  while (release === undefined) await new Promise((resolve) => setTimeout(resolve, 1))
  release()
  release = undefined
}

export { callOf, OCTETS }
