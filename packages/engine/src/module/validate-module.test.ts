import { describe, expect, it } from 'vitest'
import { ERROR_CASES } from './fixtures/error-cases.ts'
import { ENDPOINT, INGRESS, unmark } from './fixtures/marked-text.ts'
import { KINESIS_OUT } from './fixtures/rule-case.ts'
import { WARNING_CASES } from './fixtures/warning-cases.ts'
import { validateModule } from './validate-module.ts'

/** Completes the module around one document, keeping its lines first. */
function complete(document: string): string {
  const parts = [document]
  if (!document.includes('endpoints')) parts.push(ENDPOINT)
  if (!document.includes('/ingres')) parts.push(INGRESS)
  return parts.join('---\n')
}

function check(marked: string) {
  const { text, line, column, excerpt } = unmark(complete(marked))
  return {
    problems: validateModule(text, { file: 'm.yaml', env: {}, target: 'embedded' }),
    line,
    column,
    excerpt,
  }
}

describe.each([
  ['error', ERROR_CASES],
  ['warning', WARNING_CASES],
] as const)('each rule has its %s with its place', (severity, cases) => {
  for (const [rule, marked, code, message, hint] of cases) {
    it(rule, () => {
      const { problems, line, column, excerpt } = check(marked)
      const location = { file: 'm.yaml', line, column }
      expect(problems).toEqual([{ severity, code, message, location, excerpt, hint }])
    })
  }
})

describe('mistakes with two consequences', () => {
  it('names profileName for profile', () => {
    const { problems } = check(`${KINESIS_OUT}  ▸awsCredentials: {type: profile, profile: john}\n`)
    expect(problems.map(({ message, hint }) => [message, hint])).toEqual([
      ['awsCredentials needs the field "profileName"', 'name of the profile'],
      ['awsCredentials.profile is not a known field and has no effect', 'write profileName'],
    ])
  })
})
