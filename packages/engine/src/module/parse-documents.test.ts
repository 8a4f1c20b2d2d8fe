import { describe, expect, it } from 'vitest'
import { ENDPOINT, INGRESS, unmark } from './fixtures/marked-text.ts'
import type { ModuleProblem } from './problem.ts'
import { validateModule } from './validate-module.ts'

function problemsOf(text: string): readonly ModuleProblem[] {
  return validateModule(text, { file: 'm.yaml', target: 'embedded', env: {} })
}

describe('text that is not YAML', () => {
  it.each([
    ['a tab', 'kind: a/b\nspec:\n▸\tid: 1\n', 'Tabs are not allowed as indentation', 'indent with spaces'],
    [
      'a value with a colon',
      'kind: a/b\nspec:\n  address: ▸host: 1\n',
      'Nested mappings are not allowed in compact mappings',
      'put quotes around a value that contains ": "',
    ],
    [
      'an open list',
      'kind: a/b\nspec: [▸',
      'Flow sequence in block collection must be sufficiently indented and end with a ]',
      undefined,
    ],
    ['an open quote', 'kind: a/b\nspec: "abc\n▸', 'Missing closing "quote', undefined],
    [
      'an alias without an anchor',
      `${INGRESS}---\n${ENDPOINT}  transport: ▸*x\n`,
      'no anchor "&x" stands before the alias "*x"',
      'put quotes around a text that begins with "*"',
    ],
    ['a bad escape', 'kind: "a▸\\q"\n', 'Invalid escape sequence \\q', undefined],
    [
      'a placeholder without quotes in flow style',
      'kind: a/b\nspec: {address: $▸{A}}\n',
      'Unexpected flow-map-start at node end',
      'put quotes around a placeholder inside of [ ] or { }',
    ],
    [
      'a list as a key',
      'kind: a/b\nspec: {? ▸[a] : b}\n',
      'With stringKeys, all keys must be strings',
      'names of fields are plain text',
    ],
  ])('reports %s at its place, once', (_what, marked, message, hint) => {
    const { text, line, column, excerpt } = unmark(marked)
    expect(problemsOf(text)).toEqual([
      {
        severity: 'error',
        code: 'SF_MODULE_SYNTAX',
        message: expect.stringContaining(message),
        location: { file: 'm.yaml', line, column },
        excerpt,
        hint,
      },
    ])
  })

  it('still checks the other documents', () => {
    const problems = problemsOf(`kind: [\n---\n${ENDPOINT}  transport: 1\n`)
    expect(problems.map(({ location }) => location.line)).toEqual([2, 7])
  })
})

describe('hostile files', () => {
  it('refuses one of more than a MiB', () => {
    const [problem, ...others] = problemsOf('#'.repeat(1024 * 1024 + 1))
    expect(problem).toMatchObject({
      code: 'SF_MODULE_TOO_LARGE',
      message: 'the file has 1048577 bytes; at most 1048576 are read',
      location: { line: 1, column: 1 },
    })
    expect(problem?.excerpt.length).toBeLessThan(250)
    expect(others).toEqual([])
    expect(problemsOf(`${INGRESS}---\n${ENDPOINT}${'#'.repeat(1_000_000)}`)).toEqual([])
  })

  it('refuses aliases that grow without bound', () => {
    const lines = ['kind: a/b', 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 10; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      )
    expect(problemsOf(`${lines.join('\n')}\nspec: *a9\n`)).toMatchObject([
      {
        code: 'SF_MODULE_SYNTAX',
        message: expect.stringContaining('more than 100000 values'),
        hint: 'use fewer aliases',
      },
    ])
  })

  it('refuses an alias of what it stands in', () => {
    expect(problemsOf('kind: a/b\nspec: &a {b: *a}\n')).toMatchObject([{ code: 'SF_MODULE_SYNTAX' }])
  })

  it.each(['['.repeat(20_000), '- '.repeat(10_000), '{a: '.repeat(5_000)])(
    'refuses endless nesting',
    (text) => {
      expect(problemsOf(text)[0]).toMatchObject({ code: 'SF_MODULE_SYNTAX' })
    },
  )

  it('takes names of JavaScript for what they are', () => {
    const text = `${INGRESS}---\n${ENDPOINT}  __proto__: {transport: 1}\n  constructor: 1\n  toString: 1\n`
    expect(problemsOf(text).map(({ code }) => code)).toEqual(Array(3).fill('SF_MODULE_UNKNOWN_FIELD'))
  })
})

describe('files that are none', () => {
  it.each(['', '# nothing\n', '---\n---\n'])('misses everything in %j', (text) => {
    expect(problemsOf(text).map(({ code, message, location }) => [code, message, location.line])).toEqual([
      ['SF_MODULE_NO_INGRESS', 'There are no ingress defined.', 1],
      ['SF_MODULE_NO_ENDPOINT', 'There are no function providers defined.', 1],
    ])
  })

  it('does not miss an ingress while a document could not be understood', () => {
    expect(
      problemsOf(`${ENDPOINT}---\nkind: io.statefun.kafka/ingress\nspec: {}\n`).map(({ code }) => code),
    ).toEqual(['SF_MODULE_UNKNOWN_KIND'])
  })

  it.each(['1.0', '2.0', '3.0', '3.1'])('says how to rewrite the format %s', (version) => {
    const { text, line, column } = unmark(`▸version: "${version}"

module:
  meta:
    type: remote
  spec:
    endpoints: []
`)
    expect(problemsOf(text)).toMatchObject([
      {
        code: 'SF_MODULE_LEGACY_FORMAT',
        location: { line, column },
        hint: expect.stringMatching(
          /document of its own[\s\S]*io\.statefun\.endpoints\.v2\/http[\s\S]*spec\.id/,
        ),
      },
    ])
  })
})
