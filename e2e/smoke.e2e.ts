import { setTimeout as sleep } from 'node:timers/promises'
import {
  checkSmoke,
  formatSmokeReport,
  runSmoke,
  type SmokeFault,
  type SmokeParameters,
  smokeSeed,
  unusedInstance,
} from '@statefun/gate/smoke'
import type { TopologyName } from '@statefun/gate/test'
import { test } from './kit/channel-test.ts'

/** Recovery of Flink alone takes a minute on a machine with other work to do. */
const TIMEOUT_MS = 300_000

/** Enough to be interrupted while work is under way. */
const SIZE: Readonly<Record<TopologyName, Partial<SmokeParameters>>> = {
  embedded: { numberOfFunctionInstances: 64, messageCount: 1_000 },
  process: { numberOfFunctionInstances: 128, messageCount: 2_000 },
  kind: { numberOfFunctionInstances: 128, messageCount: 2_000 },
}

/** What dies, after which share of the stream, and for how long it is away. */
const DEATHS: readonly {
  readonly part: 'functions' | 'worker'
  readonly at: number
  readonly awayMs: number
}[] = [
  { part: 'functions', at: 0.3, awayMs: 300 },
  { part: 'worker', at: 0.6, awayMs: 100 },
]

test('random command trees come to what a model says, across failures', {
  tags: ['smoke', 'kafka', 'chaos'],
  timeout: TIMEOUT_MS,
}, async ({ channel, control, engine, faults }) => {
  const deaths = DEATHS.filter(({ part }) => engine.has(`${part}-fault`))
  const report = await runSmoke({
    channel,
    // One for the engines of a run.
    seed: await control.share('smoke seed', smokeSeed()),
    exactlyOnce: engine.has('exactly-once-egress'),
    parameters: { ...SIZE[engine.topology], firstInstance: unusedInstance() },
    faults: deaths.map(
      ({ part, at, awayMs }): SmokeFault => ({
        name: `${part} killed`,
        at,
        async inject() {
          await faults.kill(part)
          await sleep(awayMs)
          await faults.start(part)
        },
      }),
    ),
    timeoutMs: TIMEOUT_MS - 30_000,
  })
  await control.note(`smoke on ${engine.title}: ${formatSmokeReport(report)}`)
  checkSmoke(report)
})
