import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KafkaBroker, startKafka, startLocalStack } from '@statefun/gate'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isExact } from './check/check-results.ts'
import { Ends } from './ends.ts'
import { faultNamed } from './faults.ts'
import type { Progress } from './report/progress.ts'
import { type Outcome, runFault } from './run-fault.ts'
import type { Delivery } from './stage.ts'

// `npm run chaos` in short: few records, few injections, some of the faults.

const SEED = 20261124
/** A run ends by itself, with what there is to say about it. */
const TIMEOUT_MS = 300_000
const silent: Progress = { begin() {}, note() {}, end() {} }

const ends = new Ends()
let kafka: KafkaBroker
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'statefun-chaos-'))
  ends.add(() => rm(folder, { recursive: true, force: true }))
  kafka = await startKafka()
  ends.add(() => kafka.stop())
})
afterAll(() => ends[Symbol.asyncDispose]())

function run(fault: string, times: number, delivery: Delivery): Promise<Outcome> {
  return runFault(faultNamed(fault), {
    kafka,
    localStack: () => startLocalStack({ services: ['s3'] }),
    plan: { records: 6_000, keys: 100 },
    rate: 4_000,
    times,
    seed: SEED,
    delivery,
    folder: join(folder, `${fault}-${delivery}`),
    progress: silent,
    ends,
  })
}

// Besides the first start there is one after the kill before the states are read.
it.each([
  ['engine-kill', 3, 5],
  ['function-server', 2, 2],
  ['broker-restart', 1, 2],
])('every effect is there once after %s', { timeout: TIMEOUT_MS }, async (fault, times, leastStarts) => {
  const outcome = await run(fault, times, 'exactly-once')
  expect(outcome.error?.format()).toBeUndefined()
  expect(outcome.verdict).toEqual({
    lost: 0,
    duplicated: 0,
    disordered: 0,
    miscounted: 0,
    strange: 0,
    examples: [],
  })
  expect(outcome.states).toEqual([])
  expect(outcome.engineStarts).toBeGreaterThanOrEqual(leastStarts)
  expect(outcome).toMatchObject({ injected: times, recoverySeconds: { length: times } })
})

it('an egress that promises less is found out', { timeout: TIMEOUT_MS }, async () => {
  const { error, verdict } = await run('engine-kill', 3, 'at-least-once')
  expect(error?.format()).toBeUndefined()
  expect(verdict).toMatchObject({ lost: 0, disordered: 0, miscounted: 0, strange: 0 })
  expect(verdict.duplicated).toBeGreaterThan(0)
  expect(isExact(verdict)).toBe(false)
})
