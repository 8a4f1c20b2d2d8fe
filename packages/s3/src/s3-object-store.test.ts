import type { Logger } from '@statefun/engine'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { errorAnswer, hangUp, type ScriptedAnswer, ScriptedS3, silence } from '../test/scripted-s3.ts'
import { type S3Options, s3ObjectStore } from './s3-object-store.ts'

let server: ScriptedS3
let log: { level: string; fields: Record<string, unknown>; message: string }[]
let logger: Logger
const open: ReturnType<typeof s3ObjectStore>[] = []
const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'very-secret' }
const ok: ScriptedAnswer = (response) => response.end()

beforeEach(async () => {
  server = await ScriptedS3.start()
  log = []
  const note = (level: string) => (fields: object, message: string) =>
    void log.push({ level, fields: { ...fields }, message })
  logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') }
})
afterEach(async () => {
  for (const store of open.splice(0)) await store.close()
  await server.close()
})

function storeOf(options: S3Options = {}, url = `s3://bucket/app?endpoint=${server.endpoint}`) {
  const store = s3ObjectStore(url, { credentials, logger, ...options })
  open.push(store)
  return store
}

const body = Buffer.from('abc')

describe('requests', () => {
  it('name the object in path style, signed for some region', async () => {
    await storeOf().putNew('log-1', body)
    const { method, path, headers, body: sent } = server.requests[0]!
    expect([method, path.split('?')[0], sent.toString()]).toEqual(['PUT', '/bucket/app/log-1', 'abc'])
    expect(headers['if-none-match']).toBe('*')
    expect(headers['content-length']).toBe('3')
    expect(headers.authorization).toContain('AKIATEST')
    // What stores of others do not know.
    expect(Object.keys(headers).filter((name) => /checksum|trailer/.test(name))).toEqual([])
  })

  it('of a plain put have no condition', async () => {
    await storeOf().put('a', body)
    expect(server.requests[0]!.headers['if-none-match']).toBeUndefined()
  })

  it('take the region of the URL', async () => {
    await storeOf({}, `s3://bucket/app?endpoint=${server.endpoint}&region=eu-test-7`).put('a', body)
    expect(server.requests[0]!.headers.authorization).toContain('/eu-test-7/s3/')
  })
})

describe('what passes is repeated', () => {
  it.each([
    ['errors of the server', errorAnswer(503, 'SlowDown'), errorAnswer(500, 'InternalError')],
    [
      'a conflict of two writers',
      errorAnswer(409, 'ConditionalRequestConflict'),
      errorAnswer(409, 'OperationAborted'),
    ],
    [
      'credentials that have just expired',
      errorAnswer(400, 'ExpiredToken'),
      errorAnswer(403, 'RequestTimeTooSkewed'),
    ],
    ['connections that end', hangUp, hangUp],
    ['half an answer', partOf(200), errorAnswer(429, 'TooManyRequests')],
  ])('%s', async (_, first, second) => {
    server.script(first, second, (response) => response.end('content'))
    expect(Buffer.from((await storeOf().get('a'))!).toString()).toBe('content')
    expect(server.requests).toHaveLength(3)
    expect(log.map(({ level, message }) => [level, message])).toEqual([
      ['warn', expect.stringContaining('trying again')],
      ['info', expect.stringContaining('answers again')],
    ])
    expect(log[0]!.fields).toMatchObject({ store: 's3://bucket/app', operation: 'GetObject', key: 'app/a' })
    expect(JSON.stringify(log)).not.toMatch(/very-secret|to-sign|AKIATEST/)
  })

  it('no answer in time', async () => {
    server.script(silence, ok)
    await storeOf({ attemptTimeoutMs: 150 }).put('a', body)
    expect(server.requests).toHaveLength(2)
  })

  it('a single failure is not worth a line', async () => {
    server.script(errorAnswer(503, 'SlowDown'), ok)
    await storeOf().put('a', body)
    expect(log).toEqual([])
  })

  it('a slow answer goes on for as long as bytes come', async () => {
    server.script((response) => {
      let sent = 0
      response.writeHead(200, { 'content-length': '8' })
      const timer = setInterval(() => {
        response.write('x')
        if (++sent === 8) clearInterval(timer)
      }, 60)
    })
    expect(await storeOf({ attemptTimeoutMs: 250 }).get('a')).toHaveLength(8)
    expect(server.requests).toHaveLength(1)
  })

  it('for as long as wished', async () => {
    server.script(errorAnswer(503, 'SlowDown'))
    const error = storeOf({ retryForMs: 300 }).get('a')
    await expect(error).rejects.toMatchObject({
      code: 'SF_OBJECT_STORE_UNAVAILABLE',
      where: 's3://bucket/app/a',
      message: expect.stringContaining('SlowDown'),
    })
    expect(server.requests.length).toBeGreaterThan(1)
  })

  it('until the store is closed', async () => {
    server.script(errorAnswer(503, 'SlowDown'), silence)
    const store = storeOf()
    const waiting = expect(store.put('a', body)).rejects.toMatchObject({ code: 'SF_OBJECT_STORE_CLOSED' })
    await expect.poll(() => server.requests.length).toBe(2)
    await store.close()
    await waiting
    await expect(store.get('a')).rejects.toMatchObject({ code: 'SF_OBJECT_STORE_CLOSED' })
  })
})

describe('what is final rejects at once', () => {
  it.each([
    [403, 'AccessDenied', 'SF_S3_REFUSED', 's3:GetObject'],
    [403, 'InvalidAccessKeyId', 'SF_S3_REFUSED', 's3:ListBucket'],
    [403, 'SignatureDoesNotMatch', 'SF_S3_REFUSED', 's3:PutObject'],
    [404, 'NoSuchBucket', 'SF_S3_NO_BUCKET', 'create it'],
    [301, 'PermanentRedirect', 'SF_S3_REGION', 'region'],
    [400, 'AuthorizationHeaderMalformed', 'SF_S3_REGION', 'region'],
  ])('%i %s is %s', async (status, name, code, hint) => {
    server.script(errorAnswer(status, name))
    for (const call of [
      (store: ReturnType<typeof storeOf>) => store.get('a'),
      (store: ReturnType<typeof storeOf>) => store.putNew('a', body),
      (store: ReturnType<typeof storeOf>) => store.list('a')[Symbol.asyncIterator]().next(),
      (store: ReturnType<typeof storeOf>) => store.remove(['a']),
    ]) {
      const before = server.requests.length
      const error: unknown = await call(storeOf()).then(
        () => undefined,
        (reason) => reason,
      )
      expect(error).toMatchObject({
        code,
        where: 's3://bucket/app/a',
        hint: expect.stringContaining(hint),
        message: expect.stringContaining(name),
      })
      expect(server.requests.length).toBe(before + 1)
      expect(Object.entries(error as object).join() + String((error as Error).cause)).not.toMatch(
        /to-sign|very-secret/,
      )
    }
  })

  it('there are no credentials', async () => {
    const { env } = process
    const kept = { ...env }
    try {
      for (const name of Object.keys(env)) if (/^AWS_/.test(name)) delete env[name]
      Object.assign(env, {
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
        AWS_CONFIG_FILE: '/nowhere',
      })
      const store = s3ObjectStore(`s3://bucket/app?endpoint=${server.endpoint}`)
      open.push(store)
      await expect(store.get('a')).rejects.toMatchObject({
        code: 'SF_S3_CREDENTIALS',
        hint: expect.stringContaining('AWS_PROFILE'),
      })
      const nowhere = s3ObjectStore('s3://bucket/app', { credentials })
      open.push(nowhere)
      await expect(nowhere.get('a')).rejects.toMatchObject({ code: 'SF_S3_REGION' })
    } finally {
      for (const name of Object.keys(env)) if (/^AWS_/.test(name)) delete env[name]
      Object.assign(env, kept)
    }
  })
})

describe('conditions', () => {
  it('that are not met say that the object exists', async () => {
    server.script(errorAnswer(412, 'PreconditionFailed'))
    const store = storeOf()
    expect(await store.putNew('a', body)).toBe('exists')
    expect(store.conditional).toBe(true)
  })

  it('that a store does not know are left out from then on', async () => {
    server.script(errorAnswer(501, 'NotImplemented'), ok)
    const store = storeOf()
    expect(await store.putNew('a', body)).toBe('stored')
    expect(store.conditional).toBe(false)
    expect(await store.putNew('b', body)).toBe('stored')
    expect(server.requests.map(({ headers }) => headers['if-none-match'])).toEqual([
      '*',
      undefined,
      undefined,
    ])
  })
})

/** Promises more bytes than it sends. */
function partOf(bytes: number): ScriptedAnswer {
  return (response) => {
    response.writeHead(200, { 'content-length': String(bytes) })
    response.write('part')
    setTimeout(() => response.destroy(), 20)
  }
}
