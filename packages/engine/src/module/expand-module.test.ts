import { StatefunError } from '@statefun/protocol'
import { expect, test } from 'vitest'
import { expandModule } from './expand-module.ts'
import { validateModule } from './validate-module.ts'

const P = (name: string) => `\${${name}}`

test('replaces the values of a file and nothing else', () => {
  const text = `# ${P('A')} in a comment stays
kind: io.statefun.kafka.v1/egress # here too
spec:
  address: ${P('HOSTS')}:9092
  quoted: '${P('HOSTS')}'
  number: ${P('NUMBER')}
  "text of a number": "${P('NUMBER')}"
  flow: {a: "${P('HOSTS')}", b: [x, "$${P('HOSTS')}"]}
  block: |
    first ${P('HOSTS')}
    second
  after: ${P('NONE:-a default')}
---
kind: other
not-spec: ${P('A')}
`
  const env = { HOSTS: 'a"b', NUMBER: '7' }
  expect(expandModule(text, { file: 'm.yaml', env })).toBe(`# ${P('A')} in a comment stays
kind: io.statefun.kafka.v1/egress # here too
spec:
  address: "a\\"b:9092"
  quoted: "a\\"b"
  number: 7
  "text of a number": "7"
  flow: {a: "a\\"b", b: [x, "${P('HOSTS')}"]}
  block: "first a\\"b\\nsecond\\n"
  after: "a default"
---
kind: other
not-spec: ${P('A')}
`)
})

test('names the place of what cannot be resolved, in the check as well', () => {
  const text = `kind: io.statefun.kafka.v1/egress\nspec: {id: a/b, address: "${P('HOSTS')}"}\n`
  const options = { file: 'm.yaml', env: {} }
  const error = StatefunError.from(catching(() => expandModule(text, options)))
  expect([error.code, error.where, error.message]).toEqual([
    'SF_MODULE_PLACEHOLDER',
    'm.yaml:2:26',
    'the environment variable HOSTS is not set',
  ])
  const check = (env: Record<string, string>) =>
    validateModule(text, { ...options, env, target: 'flink-kzm', placeholders: 'expand' })
      .filter(({ code }) => code === 'SF_MODULE_PLACEHOLDER')
      .map(({ message }) => message)
  expect(check({})).toEqual(['the environment variable HOSTS is not set'])
  expect(check({ HOSTS: 'k:1' })).toEqual([])
})

function catching(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}
