import { stripVTControlCharacters } from 'node:util'
import { formatFinding, type Step, type StepResult } from './step.ts'

/** Where the course of the steps is shown. */
export interface StepScreen {
  /** Before a step, only where a line can be replaced later. */
  started(name: string): void
  finished(name: string, seconds: number, result: StepResult): void
}

/** Whether nothing is wrong. */
export function hasPassed(result: StepResult): boolean {
  return result.findings.length === 0 && result.failure === undefined
}

/** Runs all steps one after another; one that throws has failed and the rest runs all the same. Returns the names of those that failed. */
export async function runSteps(
  steps: readonly Step[],
  color: boolean,
  screen: StepScreen,
): Promise<readonly string[]> {
  const failed: string[] = []
  for (const step of steps) {
    const start = performance.now()
    screen.started(step.name)
    const result = await step.run(color).catch(
      (error: unknown): StepResult => ({
        summary: 'the check itself failed',
        findings: [],
        failure: (error instanceof Error && error.stack) || String(error),
      }),
    )
    if (!hasPassed(result)) failed.push(step.name)
    screen.finished(step.name, (performance.now() - start) / 1000, result)
  }
  return failed
}

/** Lines for people: plain on a pipe; on a terminal coloured, and the running step is shown. */
export function textScreen(write: (text: string) => void, terminal: boolean): StepScreen {
  const paint = (code: number, text: string) => (terminal ? `\u001b[${code}m${text}\u001b[39m` : text)
  return {
    started(name) {
      if (terminal) write(paint(90, `  ...    ${name}`))
    },
    finished(name, seconds, result) {
      const mark = hasPassed(result) ? paint(32, 'ok  ') : paint(31, 'FAIL')
      const line = `${mark} ${seconds.toFixed(1).padStart(5)} s  ${name.padEnd(22)} ${paint(90, result.summary)}`
      write(`${terminal ? '\r\u001b[2K' : ''}${line.trimEnd()}\n`)
      for (const finding of result.findings) write(`  ${formatFinding(finding)}\n`)
      if (result.failure === undefined) return
      const failure = terminal ? result.failure : stripVTControlCharacters(result.failure)
      write(`${failure.trimEnd()}\n`)
    },
  }
}
