import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from '@statefun/gate/test'
import { CountedStream } from './kit/counted-stream.ts'

const AT_LEAST_ONCE = { commands: 'counter.commands', results: 'counter.results' }
const EXACTLY_ONCE = { commands: 'exact.commands', results: 'exact.results' }

/** Commands of each stream, and after how many a part is away. */
const COMMANDS = 1_500
const AWAY_AT = 500
const BATCH = 50
/** How long, in milliseconds: S3 longer than it is between two checkpoints. */
const AWAY_MS = { killed: 300, frozen: 2_000 } as const

const FAULTS = [
  { part: 'worker', needs: 'worker-fault', what: "the engine's worker", is: 'killed' },
  { part: 'job-manager', needs: 'job-manager-fault', what: 'the JobManager', is: 'killed' },
  { part: 'functions', needs: 'functions-fault', what: 'the function server', is: 'killed' },
  { part: 'broker', needs: 'broker-fault', what: 'the broker', is: 'killed' },
  // Buckets are in its memory: it comes back with them when it is frozen, and without them when it is killed.
  { part: 'localstack', needs: 'storage-fault', what: 'S3', is: 'frozen' },
] as const

describe('a counted stream', () => {
  for (const { part, needs, what, is } of FAULTS) {
    test(`comes out whole, and once where the egress is exactly-once, when ${what} is ${is}`, {
      tags: ['kafka', 'chaos', 'state'],
      meta: { needs: ['exactly-once-egress', needs] },
    }, async ({ kafka, faults }) => {
      const repeating = new CountedStream(kafka, AT_LEAST_ONCE)
      const exact = new CountedStream(kafka, EXACTLY_ONCE)
      let back = Promise.resolve()
      for (let sent = 0; sent < COMMANDS; sent += BATCH) {
        if (sent === AWAY_AT) back = goAndReturn()
        await Promise.all([repeating, exact].map((stream) => stream.send(BATCH)))
      }
      await back

      const [repeated, once] = await Promise.all([repeating.outcome(), exact.outcome()])
      for (const { totals, wanted } of repeated) {
        expect([...new Set(totals)].toSorted((a, b) => a - b)).toEqual(wanted)
      }
      for (const { totals, wanted } of once) expect(totals).toEqual(wanted)

      async function goAndReturn(): Promise<void> {
        await (is === 'killed' ? faults.kill(part) : faults.pause(part))
        await sleep(AWAY_MS[is])
        await (is === 'killed' ? faults.start(part) : faults.resume(part))
      }
    })
  }
})
