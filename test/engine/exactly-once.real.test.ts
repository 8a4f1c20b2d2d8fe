import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { testFunctions } from './kit/functions.ts'
import { Room } from './kit/room.ts'
import type { TopicReader, TopicWriter } from './kit/topics.ts'
import { spread } from './kit/totals.ts'

const EXACTLY_ONCE = ['deliverySemantic: { type: exactly-once, transactionTimeout: 10s }']

let room: Room
let app: string
beforeEach(async () => {
  room = await Room.open(inject('kafkaBootstrap'))
  app = `app-${randomUUID()}`
})
afterEach(() => room.close())

const between = (low: number, high: number) => low + Math.random() * (high - low)

async function stream(writer: TopicWriter, topic: string, keys: readonly string[]): Promise<void> {
  const portion = 250
  for (let at = 0; at < keys.length; at += portion) {
    await writer.send(keys.slice(at, at + portion).map((key, i) => ({ topic, key, value: String(at + i) })))
    await sleep(25)
  }
}

/** Every key counted from 1 to what it has to be: each total once, in order. */
async function expectTotals(reader: TopicReader, counts: ReadonlyMap<string, number>): Promise<void> {
  const expected = [...counts.values()].reduce((sum, count) => sum + count, 0)
  await reader.until(() => reader.records.length >= expected, 'every total', 30_000)
  // What would come twice would come now.
  await sleep(300)
  const found = reader.byKey()
  const wrong = [...counts].filter(([key, count]) => {
    const totals = found.get(key) ?? []
    return totals.length !== count || totals.some((total, i) => Number(total) !== i + 1)
  })
  expect(wrong.slice(0, 3).map(([key, count]) => `${key}, ${count} times: ${found.get(key)}`)).toEqual([])
  expect(reader.records).toHaveLength(expected)
}

describe('an exactly-once egress', () => {
  test.each([
    ['records', 'counter', (key: string) => key],
    ['messages between functions', 'relay', (key: string) => `${key}-relayed`],
  ])(
    'shows the effect of %s once and in order, however often the engine is killed',
    async (_what, target, counted) => {
      const [commands, results] = await Promise.all([room.topic(3), room.topic(2)])
      const [writer, reader] = await Promise.all([room.writer(), room.reader(results)])
      const module = room.moduleText({ topics: { [commands]: [target] }, egress: EXACTLY_ONCE })
      const settings = { app, module, results, intervalMs: 20, compactAfterBytes: 200_000 }
      const { order, counts } = spread(30_000, 500)

      let engine = await room.engineChild(settings)
      const streaming = stream(writer, commands, order)
      for (let kills = 0; kills < 5; kills++) {
        await sleep(between(50, 500))
        await engine.child.kill()
        engine = await room.engineChild(settings)
      }
      await streaming
      await expectTotals(reader, new Map([...counts].map(([key, count]) => [counted(key), count])))
    },
  )

  test('ends an engine whose app name a second one took, and it does not come back', async () => {
    const [commands, results] = await Promise.all([room.topic(2), room.topic(2)])
    const [writer, reader] = await Promise.all([room.writer(), room.reader(results)])
    const functions = testFunctions(results)
    const module = room.moduleText({ topics: { [commands]: ['counter'] }, egress: EXACTLY_ONCE })
    const { order, counts } = spread(5000, 50)

    const first = await room.engine(module, functions, { app })
    const streaming = stream(writer, commands, order)
    await reader.until(() => reader.records.length > 500, 'results of the first engine')
    const second = await room.engine(module, functions, {
      app,
      checkpoint: { dir: join(room.folder, 'another'), intervalMs: 20 },
    })
    expect(await first.failed).toMatchObject({
      code: 'SF_ENGINE_FENCED',
      message: expect.stringContaining(
        'another engine with the same app name has taken over egress test/out',
      ),
      hint: expect.stringContaining('app name'),
    })
    const ofFirst = reader.records.length
    await streaming
    // The second one began with nothing, so it counts everything from 1, behind what the first one got done.
    await reader.until(
      () => [...counts].every(([key, count]) => reader.values(key).at(-1) === `${count}`),
      'all',
    )
    for (const [key, count] of counts) {
      const totals = reader.values(key).map(Number)
      expect(totals.slice(-count)).toEqual(Array.from({ length: count }, (_, i) => i + 1))
    }
    expect(ofFirst).toBeGreaterThan(500)
    expect(room.log.matching('error job failed')).toHaveLength(1)
    expect(room.log.matching('restarting')).toEqual([])
    await second.stop()
  })
})
