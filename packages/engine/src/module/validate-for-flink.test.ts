import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { ENDPOINT, INGRESS, unmark } from './fixtures/marked-text.ts'
import { IN, KINESIS_IN, KINESIS_OUT, OUT, TOPICS } from './fixtures/rule-case.ts'
import { validateModule } from './validate-module.ts'

type Target = 'flink-apache' | 'flink-kzm'

const BOTH: readonly Target[] = ['flink-apache', 'flink-kzm']
const APACHE: readonly Target[] = ['flink-apache']
const KZM: readonly Target[] = ['flink-kzm']

const REFUSES = 'error SF_MODULE_FLINK_REFUSES'
const IGNORES = 'warning SF_MODULE_FLINK_IGNORES'
const DIFFERS = 'warning SF_MODULE_FLINK_DIFFERS'

function problemsOf(text: string, target: Target | 'flink' | 'embedded') {
  return validateModule(text, { file: 'm.yaml', env: {}, target }).map(
    ({ severity, code, message, location }) =>
      `${location.line}:${location.column} ${severity} ${code} ${message}`,
  )
}

function complete(document: string): string {
  const parts = [document]
  if (!document.includes('/http')) parts.push(ENDPOINT)
  if (!document.includes('/ingress')) parts.push(INGRESS)
  return parts.join('---\n')
}

const KAFKA_IN = `${IN}  address: k:1\n  consumerGroupId: g\n`
const ARN = '  streamArn: arn:aws:kinesis:us-east-1:0:stream/s\n'
const streams = (...names: readonly string[]) =>
  `streams: [${names.map((name) => `{stream: ${name}, valueType: a/b, targets: [example/fn]}`).join(', ')}]\n`

describe('each difference of Flink is reported at its place, and only where it is one', () => {
  it.each<readonly [what: string, marked: string, targets: readonly Target[], problem: string]>([
    [
      'placeholder',
      `${OUT}  address: a,▸\${B}\n`,
      BOTH,
      'error SF_MODULE_PLACEHOLDER Flink does not expand placeholders: it reads this text as it is',
    ],
    [
      'escaped placeholder',
      `${OUT}  address: a,▸$\${B}\n`,
      BOTH,
      'error SF_MODULE_PLACEHOLDER Flink does not expand placeholders: it reads this text as it is',
    ],
    [
      'alias',
      `${OUT}  address: &a x:1\n  properties: [{b: ▸*a}]\n`,
      BOTH,
      'error SF_MODULE_FLINK_DIFFERS Flink does not resolve the alias "*a": it reads the text "a"',
    ],
    [
      'failure policy',
      `${ENDPOINT}  ▸failurePolicy: {type: park}\n`,
      BOTH,
      `${IGNORES} <target> ignores failurePolicy`,
    ],
    [
      'several calls in one request',
      `${ENDPOINT}  ▸multiCall: false\n`,
      BOTH,
      `${IGNORES} <target> ignores multiCall`,
    ],
    [
      'playground',
      'kind: ▸io.statefun.playground.v1/egress\nspec: {port: 1, topics: [a]}\n',
      BOTH,
      'error SF_MODULE_UNKNOWN_KIND An extension with type TypeName(io.statefun.playground.v1, egress) does not exist.',
    ],
    [
      'ingress without servers',
      `${IN}  consumerGroupId: g\n${TOPICS}`.replace('spec', '▸spec'),
      BOTH,
      `${REFUSES} Flink needs the bootstrap servers`,
    ],
    [
      'egress without servers',
      OUT.replace('spec', '▸spec'),
      BOTH,
      `${REFUSES} Flink needs the bootstrap servers`,
    ],
    [
      'target without an endpoint',
      `${KAFKA_IN}  topics: [{topic: in, valueType: a/b, targets: [▸other/fn]}]\n`,
      BOTH,
      'warning SF_MODULE_UNBOUND_TARGET no endpoint serves other/fn: the first record for it fails the job',
    ],
    [
      'exactly-once',
      `${OUT}  address: k:1\n  deliverySemantic: ▸{type: exactly-once, transactionTimeout: 1min}\n`,
      KZM,
      `${REFUSES} an exactly-once egress cannot start on kzm StateFun: it never sets the transactional id prefix that Flink 2 asks for`,
    ],
    [
      'no consumer group',
      `${IN}  address: k:1\n${TOPICS}`.replace('spec', '▸spec'),
      KZM,
      `${REFUSES} kzm StateFun cannot build a Kafka source without a consumer group`,
    ],
    [
      'reset position',
      `${KAFKA_IN}${TOPICS}  ▸autoOffsetResetPosition: earliest\n`,
      KZM,
      `${IGNORES} autoOffsetResetPosition has no effect on kzm StateFun: the startup position decides it`,
    ],
    [
      'group offsets',
      `${KAFKA_IN}${TOPICS}  startupPosition: ▸{type: group-offsets}\n`,
      KZM,
      `${DIFFERS} on kzm StateFun group-offsets fails while the group has no committed offsets, as in a fresh deployment`,
    ],
    [
      'forwarded headers',
      `${KAFKA_IN}${TOPICS}  ▸forwardHeaders: true\n`,
      APACHE,
      `${IGNORES} Apache StateFun ignores forwardHeaders`,
    ],
    [
      'forwarded headers of a topic',
      `${KAFKA_IN}  topics: [{topic: in, valueType: a/b, targets: [example/fn], ▸forwardHeaders: true}]\n`,
      APACHE,
      `${IGNORES} Apache StateFun ignores topics[0].forwardHeaders`,
    ],
    [
      'invalid records',
      `${KAFKA_IN}${TOPICS}  ▸invalidRecordHandling: {type: fail}\n`,
      APACHE,
      `${IGNORES} Apache StateFun ignores invalidRecordHandling`,
    ],
    [
      'no ARN',
      `${KINESIS_IN}  ${streams('s')}`.replace('spec', '▸spec'),
      KZM,
      `${REFUSES} kzm StateFun does not start a Kinesis ingress without streamArn`,
    ],
    [
      'ARN',
      `${KINESIS_IN}  ${streams('s')}▸${ARN}`.replace('▸  ', '  ▸'),
      APACHE,
      `${IGNORES} Apache StateFun ignores streamArn`,
    ],
    [
      'http endpoint of AWS',
      `${KINESIS_OUT}  awsRegion: {type: custom-endpoint, endpoint: ▸"http://l:4566", id: a}\n`,
      APACHE,
      `${REFUSES} Apache StateFun takes a custom endpoint over https only`,
    ],
    [
      'stream name',
      `${KINESIS_OUT}  ▸streamName: s\n`,
      APACHE,
      `${IGNORES} Apache StateFun ignores streamName`,
    ],
    [
      'streams of records',
      `${KINESIS_OUT}  ▸streamName: s\n`,
      KZM,
      `${DIFFERS} kzm StateFun writes every record to streamName: stream and explicit hash key of a record are ignored`,
    ],
    [
      'no stream name',
      KINESIS_OUT.replace('spec', '▸spec'),
      KZM,
      `${REFUSES} kzm StateFun does not start a Kinesis egress without streamName`,
    ],
    [
      'few outstanding records',
      `${KINESIS_OUT}  maxOutstandingRecords: ▸500\n  streamName: s\n`,
      KZM,
      `${REFUSES} kzm StateFun needs maxOutstandingRecords above the batch size of 500`,
    ],
    [
      'property of the AWS client',
      `${KINESIS_OUT}  clientConfigProperties: [{▸SocketTimeout: 1}]\n`,
      KZM,
      `${DIFFERS} kzm StateFun hands SocketTimeout to Flink's connector, which knows no such key`,
    ],
    [
      'property of the connector on kzm',
      `${KINESIS_OUT}  clientConfigProperties: [{▸aws.region: a}]\n`,
      KZM,
      `${DIFFERS} kzm StateFun hands aws.region to Flink's connector, where it wins over the named fields`,
    ],
    [
      'property of the connector on Apache',
      `${KINESIS_OUT}  clientConfigProperties: [{▸aws.region: a}]\n`,
      APACHE,
      `${DIFFERS} Apache StateFun takes names of the AWS client, such as SocketTimeout, not aws.region`,
    ],
  ])('%s', (_what, marked, targets, problem) => {
    const { text, line, column } = unmark(complete(marked))
    const names = { 'flink-apache': 'Apache StateFun', 'flink-kzm': 'kzm StateFun' }
    for (const target of BOTH) {
      const expected = `${line}:${column} ${problem.replace('<target>', names[target])}`
      const found = problemsOf(text, target).includes(expected)
      expect([target, found, problemsOf(text, target)]).toEqual([
        target,
        targets.includes(target),
        expect.anything(),
      ])
    }
    expect(problemsOf(text, 'embedded').filter((line) => line.includes('_FLINK_'))).toEqual([])
  })

  it('tells kzm apart by the number of streams', () => {
    const { text, line, column } = unmark(
      complete(`${KINESIS_IN}${ARN}  ${streams('a', 'b').replace('[', '▸[')}`),
    )
    const expected = `${line}:${column} ${REFUSES} kzm StateFun reads one stream per ingress`
    expect(problemsOf(text, 'flink-kzm')).toEqual([expected])
    expect(problemsOf(text, 'flink-apache')).toEqual([`4:3 ${IGNORES} Apache StateFun ignores streamArn`])
  })
})

describe('for both at once', () => {
  it('reports what is common once, and everything in the order of the file', () => {
    const text = `${KAFKA_IN}${TOPICS}  forwardHeaders: true
  autoOffsetResetPosition: latest
  adress: 1
---
${ENDPOINT}  failurePolicy: {type: park}
`
    expect(problemsOf(text, 'flink')).toEqual([
      `7:3 ${IGNORES} Apache StateFun ignores forwardHeaders`,
      `8:3 ${IGNORES} autoOffsetResetPosition has no effect on kzm StateFun: the startup position decides it`,
      '9:3 warning SF_MODULE_UNKNOWN_FIELD adress is not a known field and has no effect',
      `15:3 ${IGNORES} Apache StateFun ignores failurePolicy`,
      `15:3 ${IGNORES} kzm StateFun ignores failurePolicy`,
    ])
  })

  it('does not guess about values that a placeholder hides', () => {
    const text = `${IN}  address: \${A}
  consumerGroupId: \${B}
  topics: [{topic: "\${C}", valueType: "\${D}", targets: ["\${E}"]}]
---
${ENDPOINT}`
    const codes = validateModule(text, { file: 'm.yaml', env: {}, target: 'flink' }).map(({ code }) => code)
    expect(codes).toEqual(Array(5).fill('SF_MODULE_PLACEHOLDER'))
  })
})

describe('the modules of the end-to-end gate', () => {
  it.each(['e2e-module.yaml', 'e2e-module-invalid.yaml'])('%s runs on kzm as it is', async (name) => {
    const text = await readFile(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')
    const errors = problemsOf(text, 'flink-kzm').filter((line) => line.includes(' error '))
    expect(errors).toEqual([])
    expect(problemsOf(text, 'embedded')).toEqual([])
  })
})
