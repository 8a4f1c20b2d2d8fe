import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from '@statefun/gate'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { makeBucket, START_MS } from '../../packages/s3/test/bucket.ts'
import { adminOf, type EngineProcessSettings, spawnEngine } from './kit/engine-child.ts'
import { Room } from './kit/room.ts'
import type { TopicWriter } from './kit/topics.ts'

/** An engine that has not ended by then goes on beside its successor. */
const ENDS_WITHIN_MS = 30_000
/** An emulated bucket answers slowly when the machine has other work to do. */
const STARTS_WITHIN_MS = 90_000
const TAKEOVERS = 3
/** Longer than an older engine waits before it takes a fencing for the end of its own transaction. */
const LATE_MS = [2500, 2000]
const KEYS = Array.from({ length: 50 }, (_, i) => `k${i}`)

let room: Room
const ends: (() => unknown)[] = []
beforeEach(async () => {
  room = await Room.open(inject('kafkaBootstrap'))
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  await room.close()
})

const between = (low: number, high: number) => low + Math.random() * (high - low)

/** Sends one record of every key again and again, until told to stop; then says how often. */
function keepSending(writer: TopicWriter, topic: string): () => Promise<number> {
  let stopped = false
  const sending = (async () => {
    let rounds = 0
    for (; !stopped; rounds++) {
      await writer.send(KEYS.map((key) => ({ topic, key, value: `${rounds}` })))
      await sleep(5)
    }
    return rounds
  })()
  const stop = () => {
    stopped = true
    return sending
  }
  ends.push(stop)
  return stop
}

async function spawn(settings: EngineProcessSettings): Promise<Child> {
  const child = await spawnEngine(settings, join(room.folder, `${randomUUID()}.log`))
  ends.push(() => child.kill())
  return child
}

/** Starts engine after engine while the one before works: the newer one must go on, the older one must end and say why. */
async function takeOver(settingsOf: (nth: number) => EngineProcessSettings): Promise<void> {
  let current = await spawn(settingsOf(0))
  await adminOf(current, STARTS_WITHIN_MS)
  for (let nth = 1; nth <= TAKEOVERS; nth++) {
    await sleep(between(200, 600))
    const newer = await spawn(settingsOf(nth))
    await adminOf(newer, STARTS_WITHIN_MS)
    const late = sleep(ENDS_WITHIN_MS, undefined, { ref: false })
    const exit = await Promise.race([current.exited, late])
    expect(exit, current.logTail(20)).toEqual({ code: 1, signal: null })
    expect(current.logTail(40)).toContain('SF_ENGINE_FENCED')
    expect(newer.exit, newer.logTail(20)).toBeUndefined()
    current = newer
  }
}

/** A stream of records to `counter`, and what starts engines that count it. */
async function counting(milliseconds: readonly number[]) {
  const [commands, results] = await Promise.all([room.topic(3), room.topic(2)])
  const [writer, reader] = await Promise.all([room.writer(), room.reader(results)])
  const module = room.moduleText({
    topics: { [commands]: ['counter'] },
    egress: ['deliverySemantic: { type: exactly-once, transactionTimeout: 10s }'],
  })
  const settings = {
    app: `app-${randomUUID()}`,
    module,
    results,
    dir: room.checkpoints,
    compactAfterBytes: 50_000,
    lateMarkers: { bootstrap: room.bootstrap, milliseconds },
  }
  return { settings, reader, stop: keepSending(writer, commands) }
}

describe.each([
  ['at once', []],
  ['slowly', LATE_MS],
])(
  'an engine that is started while its predecessor works, and claims its egress %s',
  (_how, milliseconds) => {
    test(
      'with the same checkpoint takes over, and every effect is seen once and in order',
      async () => {
        const bucket = (await makeBucket()).url()
        const { settings, reader, stop } = await counting(milliseconds)
        await takeOver(() => ({ ...settings, bucket }))
        const rounds = await stop()
        await reader.until(() => reader.records.length >= rounds * KEYS.length, 'every total', 60_000)
        // What would come twice would come now.
        await sleep(300)
        const once = Array.from({ length: rounds }, (_, i) => i + 1)
        for (const key of KEYS) expect(reader.values(key).map(Number)).toEqual(once)
        expect(reader.records).toHaveLength(rounds * KEYS.length)
      },
      START_MS,
    )

    test(
      'with a checkpoint of its own takes over, and ends the one before',
      async () => {
        const { settings, reader, stop } = await counting(milliseconds)
        await takeOver((nth) => ({ ...settings, dir: join(room.folder, `checkpoint-${nth}`) }))
        const rounds = await stop()
        const all = () => KEYS.every((key) => reader.values(key).at(-1) === `${rounds}`)
        await reader.until(all, 'every total', 60_000)
        // Each engine began with nothing, so it counts from 1, and nothing of the one before comes after that.
        for (const key of KEYS) {
          const totals = reader.values(key).map(Number)
          const begun = totals.filter((total, i) => total !== (totals[i - 1] ?? 0) + 1)
          expect(begun.every((total) => total === 1)).toBe(true)
          expect(begun.length).toBeLessThanOrEqual(TAKEOVERS)
        }
      },
      START_MS,
    )
  },
)
