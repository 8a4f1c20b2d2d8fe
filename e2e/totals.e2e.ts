import { describe, expect, type Kafka, test } from '@statefun/gate/test'
import { types } from '@statefun/sdk'
import { CounterResult } from '../examples/counter/counter.ts'
import { addTo } from './kit/add-to.ts'
import { newId } from './kit/new-id.ts'

const KEYS = 20
const RECORDS = 2_000
const BATCH = 100
/** How often the worker dies while the stream goes on; a process of its own takes seconds to come back. */
const KILLS = { embedded: 3, process: 1, kind: 1 } as const
/** Added by the last record of an id: a total above it is the last one, whatever was lost before. */
const LAST = 1_000_000n

describe('the totals of a counted stream', () => {
  test('have every record once', { tags: ['kafka', 'state'] }, async ({ kafka }) => {
    const ids = newIds('whole')
    await sendStream(kafka, ids)
    expect(await lastTotals(kafka, ids)).toEqual(expected(ids))
  })

  test("have every record once when the engine's worker is killed meanwhile", {
    tags: ['kafka', 'state', 'chaos'],
    meta: { needs: ['worker-fault', 'read-state'] },
  }, async ({ app, engine, kafka, faults }) => {
    const ids = newIds('killed')
    await sendStream(kafka, ids, KILLS[engine.topology], async (first) => {
      // Dies while it is at work, and not while it starts.
      await kafka.read('counter.results', { as: CounterResult, match: ({ value }) => value.id === first })
      await faults.restart('worker')
    })
    // Results may come twice, and in between is what was rolled back: the last total, and the state, tell.
    expect(await lastTotals(kafka, ids)).toEqual(expected(ids))
    const states = ids.map(async (id) => [id, await app.state('counter.kafka/fn', id, 'total', types.long)])
    expect(Object.fromEntries(await Promise.all(states))).toEqual(expected(ids))
  })
})

function newIds(prefix: string): readonly string[] {
  const run = newId(prefix)
  return Array.from({ length: KEYS }, (_, key) => `${run}-${key}`)
}

/**
 * Sends the stream, and the last record of each id once all that was to be done meanwhile is done.
 *
 * @param meanwhile done so many `times` while the records go out, with the id of the first record
 */
async function sendStream(
  kafka: Kafka,
  ids: readonly string[],
  times = 0,
  meanwhile = async (_first: string): Promise<void> => undefined,
): Promise<void> {
  const every = RECORDS / times
  let doing = Promise.resolve()
  for (let sent = 0; sent < RECORDS; sent += BATCH) {
    const records = Array.from({ length: BATCH }, (_, index) => addTo(ids[(sent + index) % KEYS] ?? '', 1n))
    await kafka.send('counter.commands', records)
    if (sent % every === 0) doing = doing.then(() => meanwhile(ids[0] ?? ''))
  }
  await doing
  await kafka.send(
    'counter.commands',
    ids.map((id) => addTo(id, LAST)),
  )
}

/** The highest total of each id after its last record. */
async function lastTotals(kafka: Kafka, ids: readonly string[]): Promise<Readonly<Record<string, bigint>>> {
  const totals = new Map<string, bigint>()
  await kafka.read('counter.results', {
    as: CounterResult,
    match: ({ value: { id, total } }) => {
      if (ids.includes(id) && total >= LAST && total > (totals.get(id) ?? 0n)) totals.set(id, total)
      return ids.includes(id)
    },
    until: () => totals.size === ids.length,
  })
  return Object.fromEntries(totals)
}

function expected(ids: readonly string[]): Readonly<Record<string, bigint>> {
  return Object.fromEntries(ids.map((id) => [id, LAST + BigInt(RECORDS / KEYS)]))
}
