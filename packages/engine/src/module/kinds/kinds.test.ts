import { describe, expect, it } from 'vitest'
import { ENDPOINT, INGRESS } from '../fixtures/marked-text.ts'
import { loadModule } from '../load-module.ts'
import type { EgressDefinition, EndpointDefinition, IngressDefinition } from '../model.ts'
import type { ModuleProblem } from '../problem.ts'

function load(text: string) {
  const warnings: ModuleProblem[] = []
  const module = loadModule(text, { file: 'm.yaml', env: {}, onWarning: (warning) => warnings.push(warning) })
  return { ...module, warnings: warnings.map(({ code, location }) => `${location.line} ${code}`) }
}

function endpoint(spec: string, version = 'v2'): EndpointDefinition {
  const text = `kind: io.statefun.endpoints.${version}/http\nspec:\n${spec}---\n${INGRESS.replace('example/fn', 'a/b')}`
  return load(text).endpoints[0]!
}

function ingress(spec: string, kind = 'kafka'): IngressDefinition {
  return load(`kind: io.statefun.${kind}.v1/ingress\nspec:\n${spec}---\n${ENDPOINT}`).ingresses[0]!
}

function egress(spec: string, kind = 'kafka'): EgressDefinition {
  const text = `kind: io.statefun.${kind}.v1/egress\nspec:\n${spec}---\n${ENDPOINT}---\n${INGRESS}`
  return load(text).egresses[0]!
}

const HTTP = '  functions: a/b\n  urlPathTemplate: http://h\n'
const KAFKA_IN = '  id: a/in\n  topics: [{topic: t, valueType: a/b, targets: [example/fn]}]\n'
const KINESIS_IN = '  id: a/in\n  streams: [{stream: s, valueType: a/b, targets: [example/fn]}]\n'

describe('http endpoints', () => {
  it('has the defaults of the async transport', () => {
    expect(endpoint(HTTP)).toMatchObject({
      functions: 'a/b',
      namespace: 'a',
      name: 'b',
      maxNumBatchRequests: 1000,
      transport: { type: 'async', callMs: 120_000, connectMs: 20_000, poolTtlMs: 15_000, poolSize: 1024 },
      failurePolicy: { type: 'fail' },
      multiCall: true,
    })
  })

  it('reads every field of the async transport', () => {
    const transport = `  transport:
    call: 3 min
    connect: 5
    pool_ttl: 0
    pool_size: 7
    payload_max_bytes: 1024
    trust_cacerts: classpath:ca.pem
    client_cert: file:/c.pem
    client_key: /k.p8
    client_key_password: /pass
`
    expect(endpoint(HTTP + transport).transport).toEqual({
      type: 'async',
      callMs: 180_000,
      connectMs: 5,
      poolTtlMs: 0,
      poolSize: 7,
      payloadMaxBytes: 1024,
      trustCacerts: 'classpath:ca.pem',
      clientCert: 'file:/c.pem',
      clientKey: '/k.p8',
      clientKeyPassword: '/pass',
    })
  })

  it.each([
    ['{timeouts: {}}', 60_000, 10_000],
    ['{timeouts: {call: 5s}}', 5_000, 10_000],
    ['{timeouts: {connect: 5s}}', 60_000, 5_000],
    ['{call: 3s, connect: 2s, timeouts: {connect: 5s}}', 60_000, 5_000],
  ])('fills the gaps of timeouts with its own defaults: %s', (transport, callMs, connectMs) => {
    expect(endpoint(`${HTTP}  transport: ${transport}\n`).transport).toMatchObject({ callMs, connectMs })
  })

  it('reads the okhttp transport', () => {
    const type = 'io.statefun.transports.v1/okhttp'
    const defaults = { type: 'okhttp', callMs: 60_000, connectMs: 10_000, readMs: 10_000, writeMs: 10_000 }
    expect(endpoint(`${HTTP}  transport: {type: ${type}}\n`).transport).toEqual(defaults)
    const all = '{call: 4s, connect: 1s, read: 2s, write: 4s}'
    expect(endpoint(`${HTTP}  transport: {type: ${type}, timeouts: ${all}}\n`).transport).toEqual({
      type: 'okhttp',
      callMs: 4_000,
      connectMs: 1_000,
      readMs: 2_000,
      writeMs: 4_000,
    })
    const unix = HTTP.replace('http://h', 'http+unix:///run/fn.sock/path')
    expect(endpoint(`${unix}  transport: {type: ${type}}\n`).urlPathTemplate).toBe(
      'http+unix:///run/fn.sock/path',
    )
  })

  it('reads the older kind, always with okhttp', () => {
    const definition = endpoint(`${HTTP}  maxNumBatchRequests: -1\n  timeouts: {call: 20s}\n`, 'v1')
    expect(definition).toMatchObject({
      kind: 'io.statefun.endpoints.v1/http',
      maxNumBatchRequests: -1,
      transport: { type: 'okhttp', callMs: 20_000, connectMs: 10_000 },
    })
    expect(endpoint(HTTP, 'v1').transport).toMatchObject({ type: 'okhttp', callMs: 60_000 })
  })

  it('reads whether calls may go together', () => {
    expect(endpoint(HTTP).multiCall).toBe(true)
    expect(endpoint(`${HTTP}  multiCall: false\n`).multiCall).toBe(false)
    expect(endpoint(`${HTTP}  multiCall: "true"\n`, 'v1').multiCall).toBe(true)
  })

  it('reads failure policies', () => {
    expect(endpoint(`${HTTP}  failurePolicy: {type: park}\n`).failurePolicy).toEqual({ type: 'park' })
    const text = `${ENDPOINT}  failurePolicy: {type: deadLetter, egress: a/dead, topic: dead}
---
kind: io.statefun.kafka.v1/egress
spec: {id: a/dead}
---
${INGRESS}`
    const policy = { type: 'deadLetter', egress: 'a/dead', topic: 'dead' }
    expect(load(text).endpoints[0]?.failurePolicy).toEqual(policy)
  })

  it('takes a function and its namespace as two bindings', () => {
    const specific = ENDPOINT.replace('example/*', 'example/fn')
    const { endpoints, warnings } = load(`${ENDPOINT}---\n${specific}---\n${INGRESS}`)
    expect(endpoints).toHaveLength(2)
    expect(warnings).toEqual([])
  })
})

describe('kafka ingress', () => {
  it('has defaults', () => {
    expect(ingress(KAFKA_IN)).toMatchObject({
      address: undefined,
      consumerGroupId: undefined,
      autoOffsetResetPosition: 'latest',
      startupPosition: { type: 'latest' },
      properties: [],
      topics: [{ forwardHeaders: false, invalidRecordHandling: { type: 'skip', logLevel: 'warn' } }],
    })
  })

  it('reads the reference sample', () => {
    const { ingresses, warnings } = load(`kind: io.statefun.kafka.v1/ingress
spec:
  id: com.foo.bar/test-ingress
  address: kafka-broker:9092
  consumerGroupId: my-group-id
  topics:
    - topic: topic-1
      valueType: com.googleapis/com.mycomp.foo.MessageA
      targets:
        - com.mycomp.foo/function-1
        - com.mycomp.foo/function-2
    - topic: topic-2
      valueType: com.googleapis/com.mycomp.foo.MessageB
      targets:
        - com.mycomp.foo/function-2
  autoOffsetResetPosition: EARLIEST
  startupPosition:
    type: earliest
  properties:
    - foo.config: bar
    - max.poll.records: 10
    - enable.auto.commit: false
    - ratio: 1.50
    - empty: ""
---
${ENDPOINT.replace('example', 'com.mycomp.foo')}`)
    expect(warnings).toEqual([])
    expect(ingresses[0]).toMatchObject({
      id: 'com.foo.bar/test-ingress',
      address: 'kafka-broker:9092',
      consumerGroupId: 'my-group-id',
      autoOffsetResetPosition: 'earliest',
      topics: [
        {
          topic: 'topic-1',
          valueType: 'com.googleapis/com.mycomp.foo.MessageA',
          targets: ['com.mycomp.foo/function-1', 'com.mycomp.foo/function-2'],
        },
        { topic: 'topic-2', targets: ['com.mycomp.foo/function-2'] },
      ],
      properties: [
        ['foo.config', 'bar'],
        ['max.poll.records', '10'],
        ['enable.auto.commit', 'false'],
        ['ratio', '1.50'],
        ['empty', ''],
      ],
    })
  })

  it('takes address and group from the properties unless the fields say otherwise', () => {
    const properties = '  properties: [{bootstrap.servers: "p:1"}, {group.id: pg}, {x: y}]\n'
    expect(ingress(KAFKA_IN + properties)).toMatchObject({
      address: 'p:1',
      consumerGroupId: 'pg',
      properties: [['x', 'y']],
    })
    expect(ingress(`${KAFKA_IN}  address: f:1\n  consumerGroupId: fg\n${properties}`)).toMatchObject({
      address: 'f:1',
      consumerGroupId: 'fg',
      properties: [['x', 'y']],
    })
  })

  it.each([
    ['{type: group-offsets}', { type: 'group-offsets' }],
    ['{type: latest}', { type: 'latest' }],
    [
      '{type: date, date: 2020-02-01 04:15:00.000 +0000}',
      { type: 'date', epochMs: Date.UTC(2020, 1, 1, 4, 15) },
    ],
    [
      '{type: date, date: 2024-02-29 23:59:59.999 -0130}',
      { type: 'date', epochMs: Date.UTC(2024, 2, 1, 1, 29, 59, 999) },
    ],
    [
      '{type: specific-offsets, offsets: [{t/0: 5}, {t/1: 9007199254740991}]}',
      {
        type: 'specific-offsets',
        offsets: [
          { topic: 't', partition: 0, offset: 5 },
          { topic: 't', partition: 1, offset: Number.MAX_SAFE_INTEGER },
        ],
      },
    ],
  ])('reads startupPosition %s', (text, position) => {
    expect(ingress(`${KAFKA_IN}  startupPosition: ${text}\n`)).toMatchObject({ startupPosition: position })
  })

  it('lets a topic override the ingress, handling as a whole', () => {
    const definition = ingress(`  id: a/in
  forwardHeaders: true
  invalidRecordHandling: {type: skip, logLevel: DEBUG}
  topics:
    - {topic: a, valueType: a/b, targets: [example/fn]}
    - {topic: b, valueType: a/b, targets: [example/fn], forwardHeaders: false, invalidRecordHandling: {}}
    - {topic: c, valueType: a/b, targets: [example/fn], invalidRecordHandling: {type: fail}}
`)
    expect(definition).toMatchObject({
      topics: [
        { forwardHeaders: true, invalidRecordHandling: { type: 'skip', logLevel: 'debug' } },
        { forwardHeaders: false, invalidRecordHandling: { type: 'skip', logLevel: 'warn' } },
        { forwardHeaders: true, invalidRecordHandling: { type: 'fail' } },
      ],
    })
  })

  it('keeps the last entry of a topic, property or offset named twice', () => {
    const { ingresses, warnings } = load(`kind: io.statefun.kafka.v1/ingress
spec:
  id: a/in
  topics:
    - {topic: a, valueType: a/first, targets: [example/fn]}
    - {topic: a, valueType: a/last, targets: [example/fn]}
  properties:
    - x: first
    - x: last
  startupPosition:
    type: specific-offsets
    offsets:
      - a/0: 1
      - a/0: 2
      - b/0: 3
---
${ENDPOINT}`)
    expect(ingresses[0]).toMatchObject({
      topics: [{ topic: 'a', valueType: 'a/last' }],
      properties: [['x', 'last']],
      startupPosition: {
        offsets: [
          { topic: 'a', offset: 2 },
          { topic: 'b', offset: 3 },
        ],
      },
    })
    const noEffect = [5, 8, 13, 15].map((line) => `${line} SF_MODULE_NO_EFFECT`)
    expect(warnings).toEqual(noEffect)
  })
})

describe('kafka egress', () => {
  it('has defaults', () => {
    expect(egress('  id: a/out\n')).toMatchObject({
      address: undefined,
      deliverySemantic: { type: 'at-least-once' },
      properties: [],
    })
  })

  it.each([
    ['{type: none}', { type: 'none' }],
    [
      '{type: exactly-once, transactionTimeout: 15min}',
      { type: 'exactly-once', transactionTimeoutMs: 900_000 },
    ],
    [
      '{type: exactly-once, transactionTimeoutMillis: 100000}',
      { type: 'exactly-once', transactionTimeoutMs: 100_000 },
    ],
    [
      '{type: exactly-once, transactionTimeout: 1s, transactionTimeoutMillis: 7}',
      { type: 'exactly-once', transactionTimeoutMs: 7 },
    ],
  ])('reads deliverySemantic %s', (text, deliverySemantic) => {
    expect(egress(`  id: a/out\n  deliverySemantic: ${text}\n`)).toMatchObject({ deliverySemantic })
  })

  it('lets the fields win over properties', () => {
    const spec = `  id: a/out
  address: f:1
  deliverySemantic: {type: exactly-once, transactionTimeout: 1s}
  properties: [{bootstrap.servers: "p:1"}, {transaction.timeout.ms: 5}, {linger.ms: 5}]
`
    expect(egress(spec)).toMatchObject({ address: 'f:1', properties: [['linger.ms', '5']] })
  })
})

describe('kinesis', () => {
  it('has defaults', () => {
    expect(ingress(KINESIS_IN, 'kinesis')).toMatchObject({
      awsRegion: { type: 'default' },
      awsCredentials: { type: 'default' },
      startupPosition: { type: 'latest' },
      streamArn: undefined,
      clientConfigProperties: [],
    })
    expect(egress('  id: a/out\n', 'kinesis')).toMatchObject({
      maxOutstandingRecords: 1000,
      streamName: undefined,
      awsRegion: { type: 'default' },
    })
  })

  it('reads several streams, region, credentials, date and client properties', () => {
    const spec = `  id: a/in
  awsRegion: {type: specific, id: us-west-2}
  awsCredentials: {type: profile, profileName: john, profilePath: /p}
  startupPosition: {type: date, date: 1970-01-01 00:00:00.001 +0000}
  streams:
    - {stream: a, valueType: a/b, targets: [example/fn]}
    - {stream: b, valueType: a/b, targets: [example/fn, example/other]}
  clientConfigProperties: [{SocketTimeout: 9999}]
`
    expect(ingress(spec, 'kinesis')).toMatchObject({
      awsRegion: { type: 'specific', id: 'us-west-2' },
      awsCredentials: { type: 'profile', profileName: 'john', profilePath: '/p' },
      startupPosition: { type: 'date', epochMs: 1 },
      streams: [{ stream: 'a' }, { stream: 'b', targets: ['example/fn', 'example/other'] }],
      clientConfigProperties: [['SocketTimeout', '9999']],
    })
  })

  it('reads the egress', () => {
    const spec = `  id: a/out
  awsRegion: {type: custom-endpoint, endpoint: "https://localhost:4567", id: us-west-1}
  awsCredentials: {type: profile, profileName: john}
  maxOutstandingRecords: 9999
  streamName: results
  clientConfigProperties: [{ThreadingModel: POOLED}]
`
    expect(egress(spec, 'kinesis')).toMatchObject({
      awsRegion: { type: 'custom-endpoint', endpoint: 'https://localhost:4567', id: 'us-west-1' },
      awsCredentials: { type: 'profile', profileName: 'john', profilePath: undefined },
      maxOutstandingRecords: 9999,
      streamName: 'results',
      clientConfigProperties: [['ThreadingModel', 'POOLED']],
    })
  })
})
