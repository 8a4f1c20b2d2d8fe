import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaBroker } from '@statefun/gate'
import { TOPIC_OUT } from './names.ts'
import { readTopic } from './topics.ts'

/** How long to look for results beyond the last one. */
const LINGER_MS = 200

/**
 * Waits until all results are there and checks them: each key's totals must be 1, 2, 3 … in this order, so nothing is lost,
 * doubled or out of order.
 *
 * @throws Error naming the first key whose totals are wrong, or a wrong number of keys or results
 */
export async function verifyTotals(kafka: KafkaBroker, records: number, keys: number): Promise<void> {
  const totals = new Map<string, bigint>()
  let seen = 0
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  await using _reader = await readTopic(kafka.bootstrap, TOPIC_OUT, (partition) => {
    const id = partition.id()
    const total = Buffer.from(partition.value()).readBigInt64LE()
    const expected = (totals.get(id) ?? 0n) + 1n
    if (total !== expected) reject(new Error(`${id}: total ${total} where ${expected} was due`))
    totals.set(id, total)
    if (++seen === records) resolve()
  })
  await promise
  await sleep(LINGER_MS)
  if (seen > records) throw new Error(`${seen} results of ${records} records`)
  if (totals.size !== keys) throw new Error(`${totals.size} keys in the results, ${keys} expected`)
}
