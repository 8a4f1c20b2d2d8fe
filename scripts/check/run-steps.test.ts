import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { runSteps, textScreen } from './run-steps.ts'
import type { Step, StepResult } from './step.ts'

function step(name: string, result: Partial<StepResult> | Error): Step {
  return {
    name,
    run: async () => {
      if (result instanceof Error) throw result
      return { summary: '', findings: [], ...result }
    },
  }
}

async function run(steps: readonly Step[], terminal: boolean) {
  let printed = ''
  const screen = textScreen((text) => {
    printed += text
  }, terminal)
  const failed = await runSteps(steps, terminal, screen)
  return { failed, printed: printed.replaceAll(/\d+\.\d s/g, '0.0 s') }
}

const finding = { where: 'a.ts:3', rule: 'file-size', message: 'too large', hint: 'split it' }

it('runs every step, also after one failed or threw, and names those that did', async () => {
  const { failed, printed } = await run(
    [
      step('one', { findings: [finding] }),
      step('two', new Error('boom')),
      step('three', { summary: '3 files' }),
    ],
    false,
  )
  expect(failed).toEqual(['one', 'two'])
  const lines = printed.split('\n')
  expect(lines.slice(0, 3)).toEqual(['FAIL   0.0 s  one', '  a.ts:3 file-size: too large', '    split it'])
  expect(printed).toContain('Error: boom')
  expect(lines.at(-2)).toBe('ok     0.0 s  three                  3 files')
})

it('prints plain lines on a pipe, whatever the tool coloured', async () => {
  const { printed } = await run([step('lint', { failure: '\u001b[31mbad\u001b[39m\n' })], false)
  expect(printed).toBe('FAIL   0.0 s  lint\nbad\n')
})

it('shows the running step on a terminal and replaces it', async () => {
  const { printed } = await run([step('lint', {})], true)
  const [running = '', finished = ''] = printed.split('\r\u001b[2K')
  expect(stripVTControlCharacters(running)).toBe('  ...    lint')
  expect(finished).toContain('\u001b[32mok  \u001b[39m')
})
