import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaBroker } from '@statefun/gate'
import { openAdmin, PARTITIONS } from './admin.ts'
import { TOPIC_IN, TOPIC_OUT } from './names.ts'
import { openWriter } from './topics.ts'

const VALUE_BYTES = 100

/** Makes the two topics, anew when they are there. */
export async function makeTopics(kafka: KafkaBroker): Promise<void> {
  await using admin = openAdmin(kafka.bootstrap)
  const existing = await admin.client.listTopics()
  const stale = [TOPIC_IN, TOPIC_OUT].filter((topic) => existing.includes(topic))
  if (stale.length > 0) await admin.client.deleteTopics({ topics: stale })
  for (const topic of [TOPIC_IN, TOPIC_OUT]) await kafka.createTopic(topic, { partitions: PARTITIONS })
}

/**
 * Makes the two topics anew and fills the first one: `records` of 100 bytes, their keys drawn evenly at random, the same
 * ones in every run.
 *
 * @returns how many different keys were drawn
 */
export async function prepare(kafka: KafkaBroker, records: number, keys: number): Promise<number> {
  await makeTopics(kafka)
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
