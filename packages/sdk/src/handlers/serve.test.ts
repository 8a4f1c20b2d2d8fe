import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordingLogger, refusal } from '../../test/support.ts'
import { callOf, caseFunctions, OCTETS, releaseSlow } from './handlers.cases.ts'
import { type FunctionServer, type ServeOptions, serve } from './serve.ts'

const local: ServeOptions = { port: 0, host: '127.0.0.1', signals: false, logger: recordingLogger() }

async function post(server: FunctionServer, type: string): Promise<Response> {
  return fetch(`${server.url}/statefun`, { method: 'POST', headers: OCTETS, body: callOf(type, 1n).slice() })
}

describe('serve', () => {
  it('serves on a free port and closes', async () => {
    const server = await serve(caseFunctions(), local)
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
    expect((await post(server, 'counter')).status).toBe(200)
    await server.close()
    await expect(post(server, 'counter')).rejects.toThrow()
    await expect(server.close()).resolves.toBeUndefined()
  })

  it('can be a disposable', async () => {
    let url = ''
    {
      await using server = await serve(caseFunctions(), local)
      url = server.url
    }
    await expect(fetch(url)).rejects.toThrow()
  })

  it('lets running calls finish and ends idle connections when it closes', async () => {
    const server = await serve(caseFunctions(), local)
    const agent = new Agent({ keepAlive: true })
    await new Promise((resolve) => {
      httpRequest(`${server.url}/health`, { agent }, (response) => response.resume().on('end', resolve)).end()
    })
    const running = post(server, 'slow')
    await new Promise((resolve) => setTimeout(resolve, 20))
    const closing = server.close()
    await releaseSlow()
    const response = await running
    expect([response.status, response.headers.get('connection')]).toEqual([200, 'close'])
    await closing
    agent.destroy()
  })

  it('cuts off calls that do not finish in time', async () => {
    const server = await serve(caseFunctions(), { ...local, shutdownTimeout: '20 ms' })
    const running = post(server, 'slow').then(
      () => 'answered',
      () => 'cut off',
    )
    await new Promise((resolve) => setTimeout(resolve, 20))
    await server.close()
    expect(await running).toBe('cut off')
    await releaseSlow()
  })

  it('shuts down at a signal', async () => {
    const logger = recordingLogger()
    const before = process.listenerCount('SIGUSR2')
    const server = await serve(caseFunctions(), { ...local, logger, signals: ['SIGUSR2'] })
    process.emit('SIGUSR2', 'SIGUSR2')
    await server.close()
    expect(logger.lines.map((line) => line.message)).toEqual(['serving functions', 'shutting down'])
    expect(process.listenerCount('SIGUSR2')).toBe(before)
  })

  it('ends connections that do not send their head in time', async () => {
    await using server = await serve(caseFunctions(), { ...local, headersTimeout: 50, requestTimeout: 100 })
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write('POST / HTTP/1.1\r\nhost: x\r\n'))
      let text = ''
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      socket.on('close', () => resolve(text))
    })
    expect(answer).toContain('408')
  })

  it('says why it cannot listen', async () => {
    await using server = await serve(caseFunctions(), local)
    const error = await refusal(() => serve(caseFunctions(), { ...local, port: server.port }))
    expect(error).toMatchObject({
      code: 'SF_SDK_LISTEN_FAILED',
      hint: expect.stringContaining('another port'),
    })
  })

  it('refuses a port that cannot be', async () => {
    const error = await refusal(() => serve(caseFunctions(), { ...local, port: 70_000 }))
    expect(error.code).toBe('SF_SDK_LISTEN_FAILED')
  })

  it('refuses TLS options that cannot work', async () => {
    const tls = { key: 'no key', cert: 'no certificate' }
    expect((await refusal(() => serve(caseFunctions(), { ...local, tls }))).code).toBe('SF_SDK_TLS_INVALID')
    const mutual = await refusal(() =>
      serve(caseFunctions(), { ...local, tls: { ...tls, requestCert: true } }),
    )
    expect(mutual.message).toContain('tls.ca')
  })
})

describe('serve with TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'statefun-tls-'))
  let key: Buffer
  let cert: Buffer

  beforeAll(() => {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
    execFileSync('openssl', ['req', '-x509', ...kind, ...files, ...subject], { stdio: 'pipe' })
    key = readFileSync(join(folder, 'key.pem'))
    cert = readFileSync(join(folder, 'cert.pem'))
  })

  afterAll(() => rmSync(folder, { recursive: true }))

  /** The status of a health probe. */
  function probe(
    server: FunctionServer,
    client: { key?: Buffer; cert?: Buffer },
  ): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      httpsRequest(`${server.url}/health`, { ca: cert, agent: false, ...client }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode))
      })
        .on('error', reject)
        .end()
    })
  }

  it('answers over https', async () => {
    await using server = await serve(caseFunctions(), { ...local, tls: { key, cert } })
    expect(server.url).toMatch(/^https:/)
    expect(await probe(server, {})).toBe(200)
  })

  it('asks callers for a certificate with requestCert', async () => {
    const tls = { key, cert, ca: cert, requestCert: true }
    await using server = await serve(caseFunctions(), { ...local, tls })
    expect(await probe(server, { key, cert })).toBe(200)
    await expect(probe(server, {})).rejects.toThrow()
  })
})
