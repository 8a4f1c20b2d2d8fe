import { setTimeout as sleep } from 'node:timers/promises'
import { Admin, ListOffsetTimestamps } from '@platformatic/kafka'
import type { KafkaBroker } from '@statefun/gate'
import { TOPIC_IN, TOPIC_OUT } from '../app/driver-module.ts'
import { startEngineProcess, startFunctionProcess, type Usage } from '../app/processes.ts'
import { openWriter, readTopic } from '../app/topics.ts'

const PARTITIONS = 2
const VALUE_BYTES = 100

/** One measured run. */
export interface Measured {
  /** From the first result to the last one. */
  readonly perSecond: number
  /** From the spawn of the engine's process to its first result on the topic. */
  readonly firstResultSeconds: number
  readonly usage: Usage
}

/**
 * Makes the two topics anew and fills the first one: `records` of 100 bytes, their keys drawn evenly at random, the same
 * ones in every run.
 *
 * @returns how many different keys were drawn
 */
export async function prepare(kafka: KafkaBroker, records: number, keys: number): Promise<number> {
  await using admin = disposable(kafka)
  const existing = await admin.client.listTopics()
  const stale = [TOPIC_IN, TOPIC_OUT].filter((topic) => existing.includes(topic))
  if (stale.length > 0) await admin.client.deleteTopics({ topics: stale })
  for (const topic of [TOPIC_IN, TOPIC_OUT]) await kafka.createTopic(topic, { partitions: PARTITIONS })
  await using writer = await openWriter(kafka.bootstrap)
  const value = Buffer.alloc(VALUE_BYTES, 'x')
  const random = seededRandom(42)
  const drawn = new Set<string>()
  for (let i = 0; i < records; i++) {
    const key = `key-${Math.floor(random() * keys)}`
    drawn.add(key)
    writer.write(TOPIC_IN, key, value)
    if (i % 1000 !== 999) continue
    writer.nudge()
    while (writer.saturated) await sleep(1)
  }
  await writer.flush()
  return drawn.size
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Runs the engine over the prepared records and checks every total that it emitted. */
export async function measure(
  kafka: KafkaBroker,
  records: number,
  keys: number,
  mode: 'in-process' | 'http',
): Promise<Measured> {
  await using functions = mode === 'http' ? await startFunctionProcess() : undefined
  await using admin = disposable(kafka)
  await using engine = startEngineProcess(kafka.bootstrap, functions?.url)
  let first: { at: number; count: number } | undefined
  let last = 0
  for (let count = 0; count < records; ) {
    await sleep(10)
    engine.assertRunning()
    count = await endOffsets(admin.client)
    last = performance.now()
    if (first === undefined && count > 0) first = { at: last, count }
    if (last - engine.spawnedAt > 300_000) throw new Error(`${count} of ${records} results after 300 s`)
  }
  const usage = engine.usage()
  await verify(kafka, records, keys)
  return {
    perSecond: ((records - first!.count) / (last - first!.at)) * 1000,
    firstResultSeconds: (first!.at - engine.spawnedAt) / 1000,
    usage,
  }
}

/** Each key's totals must be 1, 2, 3 … in this order: nothing lost, doubled or out of order. */
async function verify(kafka: KafkaBroker, records: number, keys: number): Promise<void> {
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
  if (totals.size !== keys) throw new Error(`${totals.size} keys in the results, ${keys} expected`)
}

async function endOffsets(admin: Admin): Promise<number> {
  const topics = await admin.listOffsets({
    topics: [
      {
        name: TOPIC_OUT,
        partitions: Array.from({ length: PARTITIONS }, (_, partitionIndex) => ({
          partitionIndex,
          timestamp: ListOffsetTimestamps.LATEST,
        })),
      },
    ],
  })
  let sum = 0
  for (const { partitions } of topics) for (const { offset } of partitions) sum += Number(offset)
  return sum
}

function disposable(kafka: KafkaBroker): { client: Admin } & AsyncDisposable {
  const client = new Admin({ clientId: 'bench', bootstrapBrokers: [kafka.bootstrap] })
  return { client, [Symbol.asyncDispose]: () => client.close() }
}
