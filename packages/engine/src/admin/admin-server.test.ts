import { request } from 'node:http'
import { StatefunError } from '@statefun/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PrometheusRegistry } from '../metrics/prometheus-registry.ts'
import { type AdminEngine, AdminServer } from './admin-server.ts'

const notRunning = new StatefunError('SF_ENGINE_NOT_RUNNING', 'the job is not running')

let asked: unknown[]
let ready: boolean
let server: AdminServer

beforeEach(async () => {
  asked = []
  ready = true
  const metrics = new PrometheusRegistry()
  metrics.counter('in', 'messages received').inc(3)
  const running = <T>(answer: T): T => {
    if (!ready) throw notRunning
    return answer
  }
  const engine: AdminEngine = {
    get ready() {
      return ready
    },
    restarts: 2,
    metrics,
    checkFunction: (typename) => {
      running(undefined)
      if (typename === 'test/fm') throw new StatefunError('SF_FUNCTION_UNKNOWN', 'no test/fm')
    },
    state: (typename, id) => {
      asked.push([typename, id])
      const value = Buffer.from('seen')
      return running([{ name: 'total', typename: 'test/text', value, expiresAt: undefined }])
    },
    instances: async (typename, limit) => {
      asked.push([typename, limit])
      return running(['a', 'b'])
    },
    parked: () => running([{ typename: 'test/fn', id: 'a', messages: 3 }]),
    redrive: (typename, id) => {
      asked.push([typename, id])
      return running(1)
    },
    checkpoint: async () => running(undefined),
    savepoint: async (to, progress) => {
      running(undefined)
      if (to === 'full') throw new StatefunError('SF_SAVEPOINT_TARGET_NOT_EMPTY', 'there is one')
      progress?.(5)
      if (to === 'broken') throw new StatefunError('SF_CHECKPOINT_WRITE', 'no room')
      return { app: 'test', epoch: 7, bytes: 9 }
    },
  }
  const own = async (
    ...[message, response]: Parameters<NonNullable<ConstructorParameters<typeof AdminServer>[1][0]>>
  ) => {
    if (message.url !== '/own') return false
    response.end('own')
    return true
  }
  server = new AdminServer(engine, [own], ['shop-engine.apps.svc'])
  await server.listen('127.0.0.1', 0)
})
afterEach(() => server.close())

const ask = async (path: string, init?: RequestInit) => {
  const response = await fetch(`${server.url}${path}`, init)
  return { status: response.status, headers: response.headers, text: await response.text() }
}
const json = async (path: string, init?: RequestInit) => {
  const { status, text } = await ask(path, init)
  return [status, JSON.parse(text)]
}
const POST = { method: 'POST' }

describe('the admin API', () => {
  it('answers each route', async () => {
    expect(await json('/health')).toEqual([200, { status: 'up' }])
    expect(await json('/ready')).toEqual([200, { status: 'ready', restarts: 2 }])
    expect(await json('/parked')).toEqual([200, { parked: [{ typename: 'test/fn', id: 'a', messages: 3 }] }])
    expect(await json('/redrive/test/fn/a', POST)).toEqual([200, { redriven: 1 }])
    expect(await json('/redrive/test/fn', POST)).toEqual([200, { redriven: 1 }])
    expect(await json('/checkpoint', POST)).toEqual([200, { status: 'durable' }])
    expect(await json('/state/test/fn')).toEqual([200, { typename: 'test/fn', ids: ['a', 'b'] }])
    expect(await json('/state/test/fn/a')).toEqual([
      200,
      {
        typename: 'test/fn',
        id: 'a',
        states: [{ name: 'total', typename: 'test/text', value: Buffer.from('seen').toString('base64') }],
      },
    ])
    const metrics = await ask('/metrics')
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(metrics.text).toContain('flink_taskmanager_job_task_operator_in 3')
    expect((await ask('/own')).text).toBe('own')
    expect((await ask('/health', { method: 'HEAD' })).status).toBe(200)
  })

  it('takes ids as they are: with slashes and other signs, and the empty one', async () => {
    await ask('/state/test/fn/a%2Fb%20%C3%BC')
    await ask('/state/test/fn/')
    await ask('/state/test/fn/100%')
    expect(asked).toEqual([
      ['test/fn', 'a/b ü'],
      ['test/fn', ''],
      ['test/fn', '100%'],
    ])
  })

  it('knows no state of a function that there is not', async () => {
    for (const path of ['/state/test/fm', '/state/test/fm/a'])
      expect(await json(path)).toMatchObject([400, { code: 'SF_FUNCTION_UNKNOWN', message: 'no test/fm' }])
    expect(asked).toEqual([])
  })

  it('keeps the number of ids within bounds', async () => {
    for (const limit of ['5', '0', '-3', '100000', 'many']) await ask(`/state/test/fn?limit=${limit}`)
    await ask('/state/test/fn')
    expect(asked.map((call) => (call as [string, number])[1])).toEqual([5, 1, 1, 1000, 1, 100])
  })

  it.each([
    '/',
    '/nothing',
    '/health/more',
    '/state',
    '/state/test',
    '/state/a/b/c/d',
    '/redrive',
    '/redrive/fn',
    '/checkpoint/now',
  ])('has nothing at %s', async (path) => {
    expect(await json(path)).toEqual([
      404,
      { code: 'SF_ADMIN_NOT_FOUND', message: `there is nothing at ${path}` },
    ])
  })

  it.each([
    ['/health', 'POST', 'GET'],
    ['/state/test/fn', 'DELETE', 'GET'],
    ['/parked', 'PUT', 'GET'],
    ['/redrive/test/fn', 'GET', 'POST'],
    ['/checkpoint', 'GET', 'POST'],
    ['/savepoint', 'GET', 'POST'],
  ])('%s does not take %s', async (path, method, allowed) => {
    const { status, headers } = await ask(path, { method })
    expect([status, headers.get('allow')]).toEqual([405, allowed])
  })

  it('does not take a body of more than 64 KiB', async () => {
    const body = (more: number) => JSON.stringify({ to: '/backup', more: 'x'.repeat(more) })
    const [status, answer] = await json('/savepoint', { ...POST, body: body(64 * 1024) })
    expect([status, answer.code]).toEqual([400, 'SF_ADMIN_BODY'])
    expect((await ask('/savepoint', { ...POST, body: body(60 * 1024) })).status).toBe(200)
  })

  it('tells how a savepoint goes on, in lines', async () => {
    const take = (to: unknown) => ask('/savepoint', { ...POST, body: JSON.stringify({ to }) })
    const lines = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    const taken = await take('/backup')
    expect(taken.headers.get('content-type')).toBe('application/x-ndjson')
    expect(lines(taken.text)).toEqual([{ bytes: 5 }, { app: 'test', epoch: 7, bytes: 9, to: '/backup' }])
    const refused = await take('full')
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([
      400,
      { code: 'SF_SAVEPOINT_TARGET_NOT_EMPTY' },
    ])
    const broken = await take('broken')
    expect([broken.status, lines(broken.text)]).toMatchObject([
      200,
      [{ bytes: 5 }, { code: 'SF_CHECKPOINT_WRITE' }],
    ])
    expect(JSON.parse((await take(3)).text)).toMatchObject({ code: 'SF_ADMIN_BODY' })
    expect(await json('/savepoint', { ...POST, body: '{' })).toMatchObject([400, { code: 'SF_ADMIN_BODY' }])
  })

  it('says 503 while the job is not running, but is alive', async () => {
    ready = false
    expect(await json('/ready')).toEqual([503, { status: 'not ready', restarts: 2 }])
    expect((await ask('/health')).status).toBe(200)
    for (const path of ['/state/test/fn', '/state/test/fn/a', '/parked'])
      expect(await json(path)).toMatchObject([503, { code: 'SF_ENGINE_NOT_RUNNING' }])
    for (const path of ['/redrive/test/fn', '/checkpoint'])
      expect(await json(path, POST)).toMatchObject([503, { code: 'SF_ENGINE_NOT_RUNNING' }])
  })

  it('changes nothing for a web page', async () => {
    const init = { ...POST, headers: { origin: 'https://example.com' } }
    expect((await ask('/redrive/test/fn', init)).status).toBe(403)
    expect(asked).toEqual([])
  })

  /** Without what `fetch` forbids: other names, and paths that are none. */
  const askRaw = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const { hostname, port } = new URL(server.url)
      request({ hostname, port, path, headers }, async (response) => {
        resolve({ status: response.statusCode, text: (await response.toArray()).join('') })
      })
        .on('error', reject)
        .end()
    })

  it('answers a path that is none', async () => {
    expect((await askRaw('//')).status).toBe(404)
  })

  it.each([
    ['localhost', 200],
    ['LOCALHOST.:80', 200],
    ['app.localhost:4680', 200],
    ['127.0.0.1:4680', 200],
    ['10.1.2.3', 200],
    ['[::1]:4680', 200],
    ['shop-engine.apps.svc:4680', 200],
    ['shop-engine-0.shop-engine.apps.svc', 200],
    ['rebound.example', 403],
    ['rebound.example:4680', 403],
    ['127.0.0.1.example', 403],
    ['notlocalhost', 403],
    ['apps.svc', 403],
    ['[rebound.example]', 403],
  ])('asked under the name "%s" it answers %i, whatever the path', async (host, status) => {
    for (const path of ['/health', '/state/test/fn', '/own']) {
      expect((await askRaw(path, { host })).status).toBe(status)
    }
  })

  it('says how a name is added', async () => {
    expect(JSON.parse((await askRaw('/ready', { host: 'rebound.example:80' })).text)).toEqual({
      code: 'SF_ADMIN_HOST',
      message: 'the admin API does not answer under the name "rebound.example:80"',
      hint: 'ask under its address, or name it in admin.names or --admin-names',
    })
  })

  it('answers under the name on which it listens', async () => {
    await server.close()
    await server.listen('localhost', 0)
    expect((await ask('/health')).status).toBe(200)
    expect((await askRaw('/health', { host: 'localhost' })).status).toBe(200)
  })
})
