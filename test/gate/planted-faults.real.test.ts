import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GateFolder, type Outcome } from './gate-process.ts'

const RUN_MS = 240_000

let folder: GateFolder
beforeAll(() => {
  folder = new GateFolder()
})
afterAll(() => folder[Symbol.dispose]())

/** Runs the gate on an app of `planted/`. */
function gate(app: string, tags: string): Promise<Outcome> {
  const config = join(import.meta.dirname, 'planted', `${app}.config.ts`)
  return folder.run({ config, name: app, topology: 'embedded', tags, timeoutMs: RUN_MS })
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
