import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { RunReport } from '@statefun/gate/run'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const CLI = join(ROOT, 'packages', 'cli', 'src', 'main.ts')
const RUN_MS = 240_000

/** A folder with copies of the gate's suites, so that these runs leave no trace in those of the checkout. */
let folder: string
beforeAll(() => {
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  folder = mkdtempSync(join(ROOT, '.cache', 'planted-'))
  for (const suite of ['kafka.e2e.ts', 'totals.e2e.ts', 'kit', 'app/expiration.ts']) {
    cpSync(join(ROOT, 'e2e', suite), join(folder, 'e2e', suite), { recursive: true })
  }
  symlinkSync(join(ROOT, 'examples'), join(folder, 'examples'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Outcome {
  readonly exitCode: number
  readonly output: string
  readonly report: RunReport
  readonly junit: string
  readonly page: string
}

/** Runs the gate in a process of its own on an app of `planted/`. */
async function gate(app: string, expression: string): Promise<Outcome> {
  const out = join(folder, app)
  const [json, junit] = [join(out, 'copy.json'), join(out, 'copy.xml')]
  const args = [
    CLI,
    'e2e',
    ...['--root', folder],
    ...['--config', join(import.meta.dirname, 'planted', `${app}.config.ts`)],
    ...['--topology', 'embedded'],
    ...['--tags', expression],
    ...['--report', out],
    ...['--json', json],
    ...['--junit', junit],
  ]
  const { exitCode, output } = await new Promise<Pick<Outcome, 'exitCode' | 'output'>>((resolve) => {
    execFile(process.execPath, args, { cwd: ROOT, timeout: RUN_MS }, (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    )
  })
  expect([0, 1], output).toContain(exitCode)
  const read = (path: string) => readFileSync(path, 'utf8')
  return {
    exitCode,
    output,
    report: JSON.parse(read(json)) as RunReport,
    junit: read(junit),
    page: read(join(out, 'index.html')),
  }
}

const WHOLE = 'have every record once'
const KILLED = "have every record once when the engine's worker is killed meanwhile"
const HEADERS = 'headers pass through ingress, function and egress, whatever their values'

describe('the gate', () => {
  test('passes the counter without a fault', { timeout: RUN_MS }, async () => {
    const { exitCode, output, report } = await gate('no-fault', 'kafka')
    expect(exitCode, output).toBe(0)
    expect(report).toMatchObject({ verdict: 'passed', totals: { passed: 6, failed: 0 } })
    expect(output.trimEnd().split('\n').at(-1)).toBe('6 passed, 0 failed')
  })

  test.each([
    { app: 'adds-twice', what: 'adds twice after a restart', tags: 'chaos or headers', failing: [KILLED] },
    { app: 'forgets-headers', what: 'forgets headers', tags: 'chaos or headers', failing: [HEADERS] },
    { app: 'drops-records', what: 'drops every 1000th message', tags: 'not chaos', failing: [WHOLE] },
  ])(
    'fails a counter that $what, and its report names what found it',
    { timeout: RUN_MS },
    async ({ app, tags, failing }) => {
      const { exitCode, output, report, junit, page } = await gate(app, tags)
      expect(exitCode, output).toBe(1)
      expect(output.trimEnd().split('\n').at(-1)).toBe(
        `${report.totals.passed} passed, ${failing.length} failed`,
      )
      expect(report.totals.passed).toBeGreaterThan(0)
      const failed = report.tests.filter(({ verdict }) => verdict === 'failed')
      expect(failed.map(({ name }) => name)).toEqual(failing)
      for (const { name, errors, tails, said } of failed) {
        expect(errors[0]).toMatchObject({
          code: 'AssertionError',
          where: expect.stringMatching(/\.e2e\.ts:\d+/),
        })
        expect(tails.map((tail) => tail.name)).toContain('topic counter.results')
        expect(said.map(({ part }) => part)).toContain('worker')
        const [escaped, found] = [name.replace("'", '&#39;'), name]
        expect(page).toContain(`› ${escaped}</a>`)
        expect(output).toContain(`› ${found}`)
        expect(junit).toMatch(new RegExp(`<testcase name="${name}"(?:(?!</testcase>)[^])*<failure message="`))
      }
    },
  )
})
