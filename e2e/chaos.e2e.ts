import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from '@statefun/gate/test'
import { CounterCommand, CounterResult } from '../examples/counter/counter.ts'
import { addTo } from './kit/add-to.ts'
import { newId } from './kit/new-id.ts'

const KEYS = 20
const RECORDS = 3_000
/** Where in the stream a part dies, and for how long it is away. */
const DIES_AT = 1_000
const AWAY_MS = 1_000
const BATCH = 100

const FAULTS = [
  { part: 'worker', needs: 'worker-fault', what: "the engine's worker" },
  { part: 'functions', needs: 'functions-fault', what: 'the function server' },
  { part: 'broker', needs: 'broker-fault', what: 'the broker' },
] as const

describe('a counted stream, exactly once', () => {
  for (const { part, needs, what } of FAULTS) {
    test(`comes out whole when ${what} is killed`, {
      tags: ['kafka', 'chaos', 'state'],
      meta: { needs: ['exactly-once-egress', needs] },
    }, async ({ kafka, faults }) => {
      const run = newId(part)
      const ids = Array.from({ length: KEYS }, (_, key) => `${run}-${key}`)
      const from = await kafka.end('exact.commands')
      let death: Promise<void> = Promise.resolve()
      for (let sent = 0; sent < RECORDS; sent += BATCH) {
        if (sent === DIES_AT) death = dieAndReturn()
        await kafka.send(
          'exact.commands',
          Array.from({ length: BATCH }, (_, index) => addTo(ids[(sent + index) % KEYS] ?? '', 1n)),
        )
      }
      await death

      // A batch whose answer died with the broker was sent again: what counts is what the topic holds.
      const commands = await kafka.read('exact.commands', {
        as: CounterCommand,
        from,
        match: ({ value }) => value.id.startsWith(run),
        until: (records) => records.length >= RECORDS,
      })
      const wanted = new Map(ids.map((id) => [id, commands.filter(({ key }) => key === id).length]))
      const results = await kafka.read('exact.results', {
        as: CounterResult,
        match: ({ value }) => value.id.startsWith(run),
        until: (records) => records.length >= commands.length,
        timeout: '2 min',
      })
      for (const [id, count] of wanted) {
        const totals = results.filter(({ key }) => key === id).map(({ value }) => Number(value.total))
        expect(totals, id).toEqual(Array.from({ length: count }, (_, index) => index + 1))
      }

      async function dieAndReturn(): Promise<void> {
        await faults.kill(part)
        await sleep(AWAY_MS)
        await faults.start(part)
      }
    })
  }
})
