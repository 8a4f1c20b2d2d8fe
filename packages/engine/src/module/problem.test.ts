import { describe, expect, it } from 'vitest'
import { ENDPOINT, INGRESS } from './fixtures/marked-text.ts'
import { formatProblem, type ModuleProblem } from './problem.ts'
import { validateModule } from './validate-module.ts'

function onlyProblem(text: string): ModuleProblem {
  const problems = validateModule(text, { file: 'm.yaml', target: 'embedded', env: {} })
  expect(problems).toHaveLength(1)
  return problems[0]!
}

const MODULE = `${INGRESS}---\n${ENDPOINT}`

describe('formatProblem', () => {
  const problem = onlyProblem(`${MODULE}  tranport: {}\n`)

  it('shows place, line, caret and hint', () => {
    expect(formatProblem(problem)).toBe(
      `warning SF_MODULE_UNKNOWN_FIELD m.yaml:12:3: tranport is not a known field and has no effect
  12 |   tranport: {}
     |   ^
  hint: did you mean transport?`,
    )
  })

  it('leaves out a hint that there is not', () => {
    expect(formatProblem({ ...problem, hint: undefined })).not.toContain('hint')
  })

  it('colours when asked to', () => {
    const csi = '\u001b'
    expect(formatProblem(problem)).not.toContain(csi)
    const colored = formatProblem(problem, { color: true })
    expect(colored).toContain(`${csi}[33mwarning${csi}[39m`)
    expect(formatProblem({ ...problem, severity: 'error' }, { color: true })).toContain(`${csi}[31merror`)
  })
})

describe('excerpts', () => {
  it('cut a long line around the column', () => {
    const { excerpt } = onlyProblem(
      `${MODULE}  transport: {call: 1s, ${' '.repeat(500)}zzz: 1, ${' '.repeat(500)}}\n`,
    )
    const [line, caret] = excerpt.split('\n') as [string, string]
    expect(line.length).toBeLessThan(125)
    expect(line.endsWith('…')).toBe(true)
    expect(line.slice(caret.indexOf('^'))).toMatch(/^zzz: 1/)
  })

  it('keep tabs, so that the caret stands under its column', () => {
    const { excerpt } = onlyProblem(`${MODULE}  transport: {\t\tzzz: 1}\n`)
    expect(excerpt).toBe(`  12 |   transport: {\t\tzzz: 1}\n     |               \t\t^`)
  })
})
