import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaBroker } from '@statefun/gate'
import { openAdmin, visibleEnd } from './admin.ts'
import type { Usage } from './process-usage.ts'
import type { EngineProcess } from './processes.ts'
import { verifyTotals } from './verify-totals.ts'

/** One measured run over prepared records. */
export interface Drained {
  /** Results per second, from the first visible ones to the last. */
  readonly perSecond: number
  /** From the start of the engine's first process to the first result that a reader of committed records can see. */
  readonly firstResultSeconds: number
  /** From the first visible result to the last. */
  readonly seconds: number
  /** Of all processes of the engine's side, from their start to the last result. */
  readonly usage: Usage
  /** CPU seconds of theirs per million records, from the first visible result to the last. */
  readonly cpuPerMillion: number
}

const ASK_EVERY_MS = 10
const MOST_SECONDS = 300

/**
 * Lets a running engine work off all prepared records and checks every total that it emitted.
 *
 * @param keys how many different ones there are
 * @throws Error when the engine ends, is not done in time, or a total is wrong
 */
export async function drain(
  kafka: KafkaBroker,
  engine: EngineProcess,
  records: number,
  keys: number,
): Promise<Drained> {
  await using admin = openAdmin(kafka.bootstrap)
  let first: { at: number; count: number; usage: Usage } | undefined
  let last = { at: 0, count: 0 }
  let usage = engine.usage()
  let verified: Promise<void> | undefined
  let complete = false
  while (!complete) {
    await sleep(ASK_EVERY_MS)
    engine.assertRunning()
    const count = await visibleEnd(admin.client)
    const at = performance.now()
    if (count > last.count) {
      last = { at, count }
      usage = engine.usage()
      first ??= { ...last, usage }
    }
    if (at - engine.spawnedAt > MOST_SECONDS * 1000) {
      throw new Error(`${count} of ${records} results after ${MOST_SECONDS} s`)
    }
    // Markers of transactions count too: whether all are there is for the reader to say.
    if (count < records || verified !== undefined) continue
    verified = verifyTotals(kafka, records, keys).finally(() => {
      complete = true
    })
    verified.catch(() => {})
  }
  await verified
  if (first === undefined) throw new Error('no result')
  return {
    perSecond: ((records - first.count) / (last.at - first.at)) * 1000,
    firstResultSeconds: (first.at - engine.spawnedAt) / 1000,
    seconds: (last.at - first.at) / 1000,
    usage,
    cpuPerMillion: ((usage.cpuSeconds - first.usage.cpuSeconds) / (records - first.count)) * 1e6,
  }
}
