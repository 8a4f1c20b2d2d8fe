import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from '@statefun/gate/test'
import { CountedStream } from './kit/counted-stream.ts'

const AT_LEAST_ONCE = { commands: 'counter.commands', results: 'counter.results' }
const EXACTLY_ONCE = { commands: 'exact.commands', results: 'exact.results' }

/** Of all streams together: commands, and where among them a part dies. */
const COMMANDS = 3_000
const DIES_AT = 1_000
const BATCH = 100
/** How long the part is away, in milliseconds. */
const AWAY_MS = 1_000

const FAULTS = [
  { part: 'worker', needs: 'worker-fault', what: "the engine's worker" },
  { part: 'functions', needs: 'functions-fault', what: 'the function server' },
  { part: 'broker', needs: 'broker-fault', what: 'the broker' },
] as const

describe('a counted stream', () => {
  for (const { part, needs, what } of FAULTS) {
    test(`keeps exact totals, exactly once where the egress is, when ${what} is killed`, {
      tags: ['kafka', 'chaos', 'state'],
      meta: { needs: [needs] },
    }, async ({ engine, kafka, faults }) => {
      const repeating = new CountedStream(kafka, AT_LEAST_ONCE)
      const exact = engine.has('exactly-once-egress') ? [new CountedStream(kafka, EXACTLY_ONCE)] : []
      const streams = [repeating, ...exact]
      let death = Promise.resolve()
      for (let sent = 0; sent < COMMANDS; sent += BATCH) {
        if (sent === DIES_AT) death = dieAndReturn()
        await Promise.all(streams.map((stream) => stream.send(BATCH / streams.length)))
      }
      await death

      for (const { totals, wanted } of await repeating.outcome()) {
        expect([...new Set(totals)].toSorted((a, b) => a - b)).toEqual(wanted)
      }
      for (const stream of exact) {
        for (const { totals, wanted } of await stream.outcome()) expect(totals).toEqual(wanted)
      }

      async function dieAndReturn(): Promise<void> {
        await faults.kill(part)
        await sleep(AWAY_MS)
        await faults.start(part)
      }
    })
  }
})
