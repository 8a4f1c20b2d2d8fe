import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from '@statefun/gate/test'
import { CountedStream } from './kit/counted-stream.ts'

const AT_LEAST_ONCE = { commands: 'counter.commands', results: 'counter.results' }
const EXACTLY_ONCE = { commands: 'exact.commands', results: 'exact.results' }

/** Commands of each stream, and after how many a part dies. */
const COMMANDS = 1_500
const DIES_AT = 500
const BATCH = 50
/** How long the part is away, in milliseconds. */
const AWAY_MS = 1_000

const FAULTS = [
  { part: 'worker', needs: 'worker-fault', what: "the engine's worker" },
  { part: 'job-manager', needs: 'job-manager-fault', what: 'the JobManager' },
  { part: 'functions', needs: 'functions-fault', what: 'the function server' },
  { part: 'broker', needs: 'broker-fault', what: 'the broker' },
] as const

describe('a counted stream', () => {
  for (const { part, needs, what } of FAULTS) {
    test(`comes out whole, and once where the egress is exactly-once, when ${what} is killed`, {
      tags: ['kafka', 'chaos', 'state'],
      meta: { needs: ['exactly-once-egress', needs] },
    }, async ({ kafka, faults }) => {
      const repeating = new CountedStream(kafka, AT_LEAST_ONCE)
      const exact = new CountedStream(kafka, EXACTLY_ONCE)
      let death = Promise.resolve()
      for (let sent = 0; sent < COMMANDS; sent += BATCH) {
        if (sent === DIES_AT) death = dieAndReturn()
        await Promise.all([repeating, exact].map((stream) => stream.send(BATCH)))
      }
      await death

      const [repeated, once] = await Promise.all([repeating.outcome(), exact.outcome()])
      for (const { totals, wanted } of repeated) {
        expect([...new Set(totals)].toSorted((a, b) => a - b)).toEqual(wanted)
      }
      for (const { totals, wanted } of once) expect(totals).toEqual(wanted)

      async function dieAndReturn(): Promise<void> {
        await faults.kill(part)
        await sleep(AWAY_MS)
        await faults.start(part)
      }
    })
  }
})
