import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, type Kafka, test } from '@statefun/gate/test'
import { types } from '@statefun/sdk'
import { CounterResult } from '../examples/counter/counter.ts'
import { addTo } from './kit/add-to.ts'
import { newId } from './kit/new-id.ts'

const KEYS = 20
/** Records of each id. */
const ROUNDS = 100
/** Rounds that are sent at once. */
const ROUNDS_AT_ONCE = 5
/** Between two rounds that are sent while a part dies: some are always under way, and few are left over in the end. */
const PAUSE_MS = 20
/** How often the worker dies while the stream goes on; a process of its own takes seconds to come back. */
const KILLS = { embedded: 3, process: 1, kind: 1 } as const
/** Added by the last record of an id: a total above it is the last one, whatever was lost before. */
const LAST = 1_000_000n

describe('the totals of a counted stream', () => {
  test('have every record once', { tags: ['kafka', 'state'] }, async ({ kafka }) => {
    const ids = newIds('whole')
    for (let sent = 0; sent < ROUNDS; sent += ROUNDS_AT_ONCE) {
      await send(
        kafka,
        Array.from({ length: ROUNDS_AT_ONCE }, () => ids),
      )
    }
    expect(await lastTotals(kafka, ids)).toEqual(totalsOf(ids, ROUNDS))
  })

  test("have every record once when the engine's worker is killed meanwhile", {
    tags: ['kafka', 'state', 'chaos'],
    meta: { needs: ['worker-fault', 'read-state'] },
  }, async ({ app, engine, kafka, faults }) => {
    const ids = newIds('killed')
    let killing = true
    let rounds = 0
    await Promise.all([kill(), stream()])
    // Results may come twice, and in between is what was rolled back: the last total, and the state, tell.
    expect(await lastTotals(kafka, ids)).toEqual(totalsOf(ids, rounds))
    const states = ids.map(async (id) => [id, await app.state('counter.kafka/fn', id, 'total', types.long)])
    expect(Object.fromEntries(await Promise.all(states))).toEqual(totalsOf(ids, rounds))

    async function stream(): Promise<void> {
      for (; killing; rounds++) {
        await send(kafka, [ids])
        await sleep(PAUSE_MS)
      }
    }

    async function kill(): Promise<void> {
      try {
        for (let kills = 0; kills < KILLS[engine.topology]; kills++) {
          // Dies while it is at work, and not while it starts.
          const from = await kafka.end('counter.results')
          await kafka.read('counter.results', {
            as: CounterResult,
            from,
            match: ({ value }) => ids.includes(value.id),
          })
          await faults.restart('worker')
        }
      } finally {
        killing = false
      }
    }
  })
})

function newIds(prefix: string): readonly string[] {
  const run = newId(prefix)
  return Array.from({ length: KEYS }, (_, key) => `${run}-${key}`)
}

/** Adds one to each id of each round. */
async function send(kafka: Kafka, rounds: readonly (readonly string[])[]): Promise<void> {
  await kafka.send(
    'counter.commands',
    rounds.flat().map((id) => addTo(id, 1n)),
  )
}

/** The total of each id after a last record. */
async function lastTotals(kafka: Kafka, ids: readonly string[]): Promise<Readonly<Record<string, bigint>>> {
  await kafka.send(
    'counter.commands',
    ids.map((id) => addTo(id, LAST)),
  )
  const totals = new Map<string, bigint>()
  await kafka.read('counter.results', {
    as: CounterResult,
    match: ({ value: { id, total } }) => {
      const isLast = ids.includes(id) && total >= LAST
      if (isLast) totals.set(id, total)
      return isLast
    },
    until: () => totals.size === ids.length,
  })
  return Object.fromEntries(totals)
}

function totalsOf(ids: readonly string[], rounds: number): Readonly<Record<string, bigint>> {
  return Object.fromEntries(ids.map((id) => [id, LAST + BigInt(rounds)]))
}
