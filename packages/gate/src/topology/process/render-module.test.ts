import { validateModule } from '@statefun/engine'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { renderModule } from './render-module.ts'

const MODULE = `# the app
kind: io.statefun.endpoints.v2/http
spec:
  functions: counter.kinesis/*
  urlPathTemplate: \${FUNCTIONS_URL:-http://localhost:8080/statefun}
---
kind: io.statefun.kinesis.v1/ingress
spec:
  id: counter/kinesis-in
  awsRegion: { type: custom-endpoint, endpoint: "\${KINESIS_ENDPOINT}", id: "\${AWS_REGION}" }
  awsCredentials: { type: basic, accessKeyId: test, secretAccessKey: test }
  startupPosition: { type: earliest }
  streamArn: arn:aws:kinesis:\${AWS_REGION}:000000000000:stream/counter.commands
  streams:
    - { stream: counter.commands, valueType: e2e/command, targets: [counter.kinesis/fn] }
---
kind: io.statefun.kinesis.v1/egress
spec:
  id: counter/kinesis-results
  streamName: counter.results
  awsRegion: { type: custom-endpoint, endpoint: "\${KINESIS_ENDPOINT}", id: "\${AWS_REGION}" }
  awsCredentials: { type: basic, accessKeyId: test, secretAccessKey: test }
---
kind: io.statefun.kafka.v1/egress
spec:
  id: counter/kafka-results
  address: a:1
`
const VALUES = { KINESIS_ENDPOINT: 'http://127.0.0.1:4566', AWS_REGION: 'us-west-2' }

interface Shown {
  readonly kind: string
  readonly spec: Record<string, unknown>
}

function documents(text: string): readonly Shown[] {
  return parseAllDocuments(text).map((document) => (document as { toJS(): Shown }).toJS())
}

describe('a module for Apache StateFun', () => {
  const rendered = renderModule(MODULE, { apache: { values: VALUES } })

  test('is one that it accepts, with every placeholder expanded', () => {
    const problems = validateModule(rendered, { file: 'module.yaml', env: {}, target: 'flink-apache' })
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(rendered).not.toMatch(/\$\{/)
    expect(documents(rendered)[0]?.spec.urlPathTemplate).toBe('http://localhost:8080/statefun')
  })

  test('reads Kinesis streams by name over https', () => {
    const ingress = documents(rendered)[1]?.spec
    expect(ingress).toMatchObject({
      awsRegion: { endpoint: 'https://127.0.0.1:4566', id: 'us-west-2' },
      streams: [{ stream: 'counter.commands' }],
    })
    expect(ingress).not.toHaveProperty('streamArn')
  })

  test('takes the certificate of LocalStack in the egress, beside the properties that are there', () => {
    const added = [{ VerifyCertificate: 'false' }, { MetricsLevel: 'none' }]
    expect(documents(rendered)[2]?.spec.clientConfigProperties).toEqual(added)
    const more = MODULE.replace('  streamName', '  clientConfigProperties: [{ RateLimit: 5 }]\n  streamName')
    const withMore = documents(renderModule(more, { apache: { values: VALUES } }))[2]?.spec
    expect(withMore?.clientConfigProperties).toEqual([{ RateLimit: 5 }, ...added])
  })

  test('without a value for a placeholder is refused by its name', () => {
    expect(() => renderModule(MODULE, { apache: { values: {} } })).toThrow(
      expect.objectContaining({
        code: 'SF_MODULE_PLACEHOLDER',
        message: expect.stringContaining('KINESIS_ENDPOINT'),
      }),
    )
  })
})

test('for the embedded engine it stays as it is, with or without Kinesis', () => {
  expect(documents(renderModule(MODULE, {}))).toEqual(documents(MODULE))
  expect(renderModule(MODULE, {})).toMatch(/\$\{KINESIS_ENDPOINT\}/)
  expect(documents(renderModule(MODULE, { withoutKinesis: true })).map(({ kind }) => kind)).toEqual([
    'io.statefun.endpoints.v2/http',
    'io.statefun.kafka.v1/egress',
  ])
})
