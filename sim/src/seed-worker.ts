import { parentPort } from 'node:worker_threads'
import type { SeedOutcome, SeedRange } from './run-seeds.ts'
import { simulate } from './simulation.ts'

/** Lines of a trace that are handed over with a violation. */
const LINES = 60

const port = parentPort!
port.on('message', async ({ from, count, fault }: SeedRange) => {
  const outcomes: SeedOutcome[] = []
  for (let seed = from; seed < from + count; seed++) {
    const { trace, ...outcome } = await simulate(seed, { fault })
    outcomes.push({ ...outcome, lines: outcome.violation === undefined ? [] : trace.lines(LINES) })
  }
  port.postMessage(outcomes)
})
