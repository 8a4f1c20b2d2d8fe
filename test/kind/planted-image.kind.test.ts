import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { GateFolder, type Outcome } from '../gate/gate-process.ts'

/** A run that has to make the cluster first, on a machine with other work to do, takes minutes. */
const RUN_MS = 600_000

let folder: GateFolder
beforeAll(() => {
  folder = new GateFolder()
})
afterAll(() => folder[Symbol.dispose]())

/** Runs the gate with the function image of an app of `planted/`, on the cluster that an earlier run has kept if there is one. */
async function gate(app: string): Promise<Outcome> {
  const config = join(import.meta.dirname, 'planted', `${app}.config.ts`)
  const outcome = await folder.run({
    config,
    name: app,
    topology: 'kind',
    tags: 'kafka and not chaos',
    suites: ['totals'],
    timeoutMs: RUN_MS,
  })
  const ready = /ready: .* after ([\d.]+ s)/.exec(outcome.output)?.[1] ?? 'not ready'
  console.log(
    `function image "${app}": ${ready} after the begin, ${outcome.report.seconds.toFixed(1)} s in all`,
  )
  return outcome
}

test('a function image that drops messages is found, and the report names by which test', {
  timeout: RUN_MS,
}, async () => {
  const { exitCode, output, report, folder: evidence } = await gate('drops-records')
  expect(exitCode, output).toBe(1)
  const failed = report.tests.filter(({ verdict }) => verdict === 'failed')
  expect(failed.map(({ name }) => name)).toEqual(['have every record once'])
  expect(failed[0]?.errors[0]).toMatchObject({ code: 'AssertionError' })
  expect(failed[0]?.tails.map(({ name }) => name)).toContain('topic counter.results')
  expect(failed[0]?.said.map(({ part }) => part)).toEqual(expect.arrayContaining(['functions', 'worker']))
  const files = readdirSync(evidence, { recursive: true })
  expect(files).toEqual(
    expect.arrayContaining([
      'index.html',
      'junit.xml',
      'timeline.json',
      'logs/functions.log',
      'logs/worker.log',
      'logs/operator.log',
      'kind-on-flink/kubernetes.txt',
      'kind-on-flink/records.json',
      'kind-on-flink/flink.json',
      'kind-on-flink/bucket.txt',
    ]),
  )
})

test('a function image that does not come up ends the start with its image, exit code and last words', {
  timeout: RUN_MS,
}, async () => {
  const { exitCode, output, report, page, folder: evidence } = await gate('does-not-start')
  expect(exitCode, output).toBe(1)
  expect(report.tests).toEqual([])
  expect(report.errors).toEqual([
    expect.objectContaining({ code: 'SF_GATE_POD', where: expect.stringContaining('flink') }),
  ])
  for (const text of ['statefun-remote-function:e2e', 'exit code 1', 'ENOENT']) {
    expect(output).toContain(text)
    expect(page).toContain(text)
  }
  expect(readFileSync(join(evidence, 'logs', 'functions.log'), 'utf8')).toContain('ENOENT')
  expect(readdirSync(join(evidence, 'kubernetes', 'statefun-e2e'))).not.toEqual([])
})
