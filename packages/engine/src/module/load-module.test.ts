import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { ENDPOINT, INGRESS, unmark } from './fixtures/marked-text.ts'
import { loadModule, type ModuleDefinition, type ModuleProblem, readModuleFile } from './index.ts'

function load(text: string, env: Record<string, string> = {}): ModuleDefinition {
  return loadModule(text, {
    file: 'module.yaml',
    env,
    onWarning: (warning) => {
      throw new Error(`unexpected warning: ${warning.message}`)
    },
  })
}

function fixture(name: string): Promise<string> {
  return readFile(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')
}

function caught(text: string): StatefunError {
  try {
    loadModule(text, { file: 'module.yaml', env: {} })
  } catch (error) {
    return StatefunError.from(error)
  }
  throw new Error('the module loaded')
}

describe('the modules of the end-to-end gate', () => {
  it('loads the main one in full and without a warning', async () => {
    const module = load(await fixture('e2e-module.yaml'))
    expect(module.endpoints.map(({ functions }) => functions)).toEqual([
      'counter.kafka/*',
      'counter.kinesis/*',
      'counter.kafka.ttl/*',
      'greeter/*',
    ])
    expect(module.endpoints[0]).toEqual({
      kind: 'io.statefun.endpoints.v2/http',
      functions: 'counter.kafka/*',
      namespace: 'counter.kafka',
      name: undefined,
      urlPathTemplate: 'http://remote-function.statefun-e2e:8080/statefun',
      maxNumBatchRequests: 1000,
      transport: {
        type: 'async',
        callMs: 30_000,
        connectMs: 10_000,
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
      location: { file: 'module.yaml', line: 4, column: 14 },
    })
    expect(module.ingresses[0]).toEqual({
      kind: 'io.statefun.kafka.v1/ingress',
      id: 'counter/kafka-in',
      address: 'kafka.statefun-e2e:9092',
      consumerGroupId: 'statefun-e2e-counter-kafka',
      topics: [
        {
          topic: 'counter.commands',
          valueType: 'io.github.kzmlabs.statefun.e2e/CounterCommand',
          targets: ['counter.kafka/fn'],
          forwardHeaders: true,
          invalidRecordHandling: { type: 'skip', logLevel: 'warn' },
        },
      ],
      autoOffsetResetPosition: 'latest',
      startupPosition: { type: 'earliest' },
      properties: [],
      location: { file: 'module.yaml', line: 44, column: 7 },
    })
    expect(module.ingresses[3]).toEqual({
      kind: 'io.statefun.kinesis.v1/ingress',
      id: 'counter/kinesis-in',
      awsRegion: {
        type: 'custom-endpoint',
        endpoint: 'http://localstack.statefun-e2e:4566',
        id: 'us-east-1',
      },
      awsCredentials: { type: 'basic', accessKeyId: 'test', secretAccessKey: 'test' },
      startupPosition: { type: 'earliest' },
      streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/counter.commands',
      streams: [
        {
          stream: 'counter.commands',
          valueType: 'io.github.kzmlabs.statefun.e2e/CounterCommand',
          targets: ['counter.kinesis/fn'],
        },
      ],
      clientConfigProperties: [],
      location: { file: 'module.yaml', line: 105, column: 7 },
    })
    expect(module.egresses.map(({ kind, id }) => [kind, id])).toEqual([
      ['io.statefun.kafka.v1/egress', 'counter/kafka-results'],
      ['io.statefun.kafka.v1/egress', 'counter/kafka-ttl-results'],
      ['io.statefun.kafka.v1/egress', 'greeter/results'],
      ['io.statefun.kinesis.v1/egress', 'counter/kinesis-results'],
    ])
    expect(module.egresses[3]).toMatchObject({ streamName: 'counter.results', maxOutstandingRecords: 1000 })
  })

  it('loads the one for invalid records', async () => {
    const module = load(await fixture('e2e-module-invalid.yaml'))
    expect(module.ingresses[0]).toMatchObject({ topics: [{ invalidRecordHandling: { type: 'fail' } }] })
  })
})

describe('the form of the file', () => {
  it('skips empty documents, takes flow style, CRLF and a byte order mark', () => {
    const flow = '{kind: io.statefun.playground.v1/egress, spec: {port: 0, topics: [a, b]}}'
    const text = `\uFEFF---\n---\n# nothing\n---\n${ENDPOINT}---\n${INGRESS}---\n${flow}\n---\n`
    const module = load(text.replaceAll('\n', '\r\n'))
    expect(module.egresses).toEqual([
      {
        kind: 'io.statefun.playground.v1/egress',
        id: 'io.statefun.playground/egress',
        port: 0,
        topics: ['a', 'b'],
        location: { file: 'module.yaml', line: 17, column: 42 },
      },
    ])
  })

  it('resolves aliases', () => {
    const text = `kind: io.statefun.endpoints.v2/http
spec:
  functions: example/*
  urlPathTemplate: http://functions:8000
  maxNumBatchRequests: &n 5
  transport: {pool_size: *n, timeouts: {call: &time 20s, connect: *time}}
`
    expect(load(`${INGRESS}---\n${text}`).endpoints[0]).toMatchObject({
      maxNumBatchRequests: 5,
      transport: { poolSize: 5, callMs: 20_000, connectMs: 20_000 },
    })
  })

  it('counts functions served in process as endpoints', () => {
    const options = { file: 'module.yaml', env: {} }
    const warnings: ModuleProblem[] = []
    const onWarning = (warning: ModuleProblem) => warnings.push(warning)
    const module = loadModule(INGRESS, { ...options, functions: ['example/fn'], onWarning })
    expect(module.endpoints).toEqual([])
    expect(warnings).toEqual([])
    expect(caught(INGRESS).code).toBe('SF_MODULE_NO_ENDPOINT')
  })
})

describe('placeholders', () => {
  it('expands them in values of any type, below spec only', () => {
    const text = `kind: io.statefun.endpoints.v2/http
spec:
  functions: \${NAMESPACE}/*
  urlPathTemplate: http://\${HOST:-localhost}:\${PORT:-}8000/{function.name}
  maxNumBatchRequests: \${BATCH}
  transport: {call: "\${CALL:-45s}", client_key_password: 'a$\${b}c', client_cert: "\${EMPTY}c", client_key: k}
---
kind: io.statefun.playground.v1/ingress
spec: {port: 0}
`
    const env = { NAMESPACE: 'example', BATCH: '7', CALL: '', EMPTY: '' }
    expect(load(text, env).endpoints[0]).toMatchObject({
      functions: 'example/*',
      urlPathTemplate: 'http://localhost:8000/{function.name}',
      maxNumBatchRequests: 7,
      transport: { callMs: 45_000, clientKeyPassword: `a\${b}c`, clientCert: 'c' },
    })
  })

  it('does not expand what came out of a variable, nor inherited names', () => {
    const text = `${ENDPOINT}---\n${INGRESS.replace('kafka:9092', `"\${A}"`)}`
    expect(load(text, { A: `\${B}` }).ingresses[0]).toMatchObject({ address: `\${B}` })
    const inherited = `${ENDPOINT}---\n${INGRESS.replace('kafka:9092', `\${constructor}`)}`
    expect(caught(inherited).message).toBe('the environment variable constructor is not set')
  })

  it('reads the environment of the process by default', () => {
    const name = Object.keys(process.env).find((key) => /^[A-Z]+$/.test(key) && process.env[key] !== '')!
    const text = `${ENDPOINT}---\n${INGRESS.replace('kafka:9092', `\${${name}}`)}`
    const module = loadModule(text, { file: 'module.yaml' })
    expect(module.ingresses[0]).toMatchObject({ address: process.env[name] })
  })

  it('never shows the value of a variable', () => {
    const text = `kind: io.statefun.endpoints.v2/http
spec:
  functions: \${SECRET}
  urlPathTemplate: \${SECRET}
  maxNumBatchRequests: \${SECRET}
  failurePolicy: {type: "\${SECRET}"}
  transport: {call: "\${SECRET}", type: "\${TRANSPORT}"}
---
kind: io.statefun.kafka.v1/ingress
spec:
  id: "\${ID}"
  address: a
  startupPosition: {type: "\${SECRET}"}
  topics: [{topic: "\${SECRET}!", valueType: "\${SECRET}", targets: ["\${SECRET}"]}]
---
kind: io.statefun.playground.v1/ingress
spec: {port: "\${SECRET}"}
---
kind: io.statefun.kafka.v1/egress
spec: {id: "\${ID}", deliverySemantic: "\${SECRET}"}
---
kind: io.statefun.kafka.v1/egress
spec: {id: "\${ID}"}
---
kind: io.statefun.kafka.v1/egress
spec: {id: "\${ID}"}
`
    const env = { SECRET: 'hunter2', ID: 'hunter2/hunter2', TRANSPORT: 'hunter2/hunter2' }
    const warnings: ModuleProblem[] = []
    expect.assertions(3)
    try {
      loadModule(text, { file: 'module.yaml', env, onWarning: (warning) => warnings.push(warning) })
    } catch (error) {
      const all = `${StatefunError.from(error).format()} ${JSON.stringify(warnings)}`
      expect(StatefunError.from(error).message).toBe('module.yaml has 13 errors')
      expect(all).not.toContain('hunter2')
      expect(all).toContain(`A binding for the key \${ID} was previously defined.`)
    }
  })
})

describe('the error', () => {
  it('carries the code, place, excerpt and hint of a single problem', () => {
    const marked = unmark(`${INGRESS}---\n${ENDPOINT}  maxNumBatchRequests: ▸many\n`)
    const error = caught(marked.text)
    expect(error.format()).toBe(
      `SF_MODULE_BAD_VALUE module.yaml:12:24: maxNumBatchRequests: "many" is not a whole number from -2147483648 to 2147483647\n${marked.excerpt}`,
    )
  })

  it('lists every error of the file', () => {
    const error = caught(`${INGRESS.replace('example/in', 'in')}---\n${ENDPOINT.replace('http:', 'ftp:')}`)
    expect(error.code).toBe('SF_MODULE_INVALID')
    expect(error.message).toBe('module.yaml has 2 errors')
    expect(error.where).toBe('module.yaml:3:7')
    expect(error.excerpt).toBe(`error SF_MODULE_BAD_VALUE module.yaml:3:7: id: "in" is not a typename
   3 |   id: in
     |       ^
  hint: write <namespace>/<name> with exactly one "/", for example example/counter
error SF_MODULE_BAD_VALUE module.yaml:11:20: urlPathTemplate: "ftp://functions:8000/statefun" is not a URL of a function
  11 |   urlPathTemplate: ftp://functions:8000/statefun
     |                    ^
  hint: use http, https or, with okhttp, http+unix`)
  })

  it('comes after the warnings, which are told all the same', () => {
    const warnings: string[] = []
    const text = `${INGRESS}---\n${ENDPOINT}  nothing: 1\n  transport: 1\n`
    const options = { file: 'm.yaml', onWarning: (w: ModuleProblem) => warnings.push(w.code) }
    expect(() => loadModule(text, options)).toThrow(/transport is "1", not a map/)
    expect(warnings).toEqual(['SF_MODULE_UNKNOWN_FIELD'])
  })
})

describe('readModuleFile', () => {
  it('reads a file and names it in problems', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'statefun-module-'))
    try {
      const path = join(folder, 'module.yaml')
      await writeFile(path, `${ENDPOINT}---\n${INGRESS}`)
      expect((await readModuleFile(path)).ingresses).toHaveLength(1)
      await writeFile(path, 'kind: 1')
      await expect(readModuleFile(path)).rejects.toMatchObject({ where: `${path}:1:7` })
      await writeFile(path, Buffer.alloc(17 * 1024 * 1024))
      await expect(readModuleFile(path)).rejects.toMatchObject({ code: 'SF_MODULE_TOO_LARGE', where: path })
      await expect(readModuleFile(join(folder, 'other.yaml'))).rejects.toMatchObject({
        code: 'SF_MODULE_NOT_FOUND',
        hint: expect.stringContaining('statefun init'),
      })
      await expect(readModuleFile(folder)).rejects.toMatchObject({ code: 'SF_MODULE_UNREADABLE' })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
