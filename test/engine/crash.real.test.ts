import { setTimeout as sleep } from 'node:timers/promises'
import { types } from '@statefun/protocol'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import type { EngineChild } from './kit/engine-child.ts'
import { VISITS_TTL_MS } from './kit/functions.ts'
import { Room } from './kit/room.ts'
import type { TopicReader, TopicWriter } from './kit/topics.ts'
import { checkTotals, spread } from './kit/totals.ts'

let room: Room
beforeEach(async () => {
  room = await Room.open(inject('kafkaBootstrap'))
})
afterEach(() => room.close())

const between = (low: number, high: number) => low + Math.random() * (high - low)

async function state(engine: EngineChild, name: string, id: string): Promise<Uint8Array | undefined> {
  const response = await fetch(`${engine.admin}/state/test/${name}/${id}`)
  const { states } = (await response.json()) as { states: { value: string }[] }
  return states[0] === undefined ? undefined : Buffer.from(states[0].value, 'base64')
}

/** Sends records in portions, so that the stream goes on while engines come and go. */
async function stream(
  writer: TopicWriter,
  topic: string,
  keys: readonly string[],
  portion: number,
  pauseMs: number,
): Promise<void> {
  for (let at = 0; at < keys.length; at += portion) {
    await writer.send(keys.slice(at, at + portion).map((key, i) => ({ topic, key, value: String(at + i) })))
    await sleep(pauseMs)
  }
}

/** Waits until the highest total of every key is what it has to be. */
async function complete(reader: TopicReader, counts: ReadonlyMap<string, number>): Promise<void> {
  const highest = new Map<string, number>()
  let read = 0
  await reader.until(
    () => {
      for (; read < reader.records.length; read++) {
        const { id, value } = reader.records[read]!
        highest.set(id, Math.max(highest.get(id) ?? 0, Number(value)))
      }
      for (const [key, count] of counts) if ((highest.get(key) ?? 0) < count) return false
      return true
    },
    'every total',
    30_000,
  )
}

/**
 * Waits until the state of (fifty) counters is what it has to be: the results may all be from before a kill, while the engine
 * that came after it still works its way there. Then it must stay.
 */
async function settlesAt(engine: EngineChild, counts: ReadonlyMap<string, number>): Promise<void> {
  const some = [...counts].slice(0, 50)
  const totals = async () => {
    const states = await Promise.all(some.map(([id]) => state(engine, 'counter', id)))
    return states.map((total) => Number(types.long.deserialize(total ?? new Uint8Array())))
  }
  const expected = some.map(([, count]) => count)
  await expect.poll(totals).toEqual(expected)
  await sleep(300)
  expect(await totals()).toEqual(expected)
}

describe('an engine that is killed with kill -9 while a stream runs', () => {
  test.each([
    ['records', 'counter', (key: string) => key],
    ['messages between functions', 'relay', (key: string) => `${key}-relayed`],
  ])('loses none of its %s and applies none twice', async (_what, target, counted) => {
    const [commands, results] = await Promise.all([room.topic(3), room.topic(2)])
    const [writer, reader] = await Promise.all([room.writer(), room.reader(results)])
    const module = room.moduleText({ topics: { [commands]: [target] } })
    const settings = { module, results, compactAfterBytes: 200_000 }
    const { order, counts } = spread(30_000, 500)
    const expected = new Map([...counts].map(([key, count]) => [counted(key), count]))

    let engine = await room.engineChild(settings)
    const streaming = stream(writer, commands, order, 250, 25)
    let kills = 0
    for (; kills < 4; kills++) {
      await sleep(between(100, 500))
      await engine.child.kill()
      engine = await room.engineChild(settings)
    }
    await streaming
    await complete(reader, expected)
    checkTotals(reader.byKey(), expected, kills)
    await settlesAt(engine, expected)
  })

  test('whose functions run elsewhere, are killed as well, and fail at random', async () => {
    const [commands, results] = await Promise.all([room.topic(3), room.topic(2)])
    const [writer, reader] = await Promise.all([room.writer(), room.reader(results)])
    let server = await room.functionServer(results, { failureRate: 0.02 })
    const { port } = server
    const module = room.moduleText({
      topics: { [commands]: ['counter'] },
      url: `http://127.0.0.1:${port}/`,
    })
    const settings = { module, results, remote: true }
    const { order, counts } = spread(6_000, 200)

    let engine = await room.engineChild(settings)
    const streaming = stream(writer, commands, order, 60, 30)
    let kills = 0
    for (; kills < 2; kills++) {
      await sleep(between(200, 500))
      await server.child.kill()
      await sleep(between(50, 300))
      server = await room.functionServer(results, { port, failureRate: 0.02 })
      await sleep(between(100, 300))
      await engine.child.kill()
      engine = await room.engineChild(settings)
    }
    await streaming
    await complete(reader, counts)
    checkTotals(reader.byKey(), counts, kills)
    await settlesAt(engine, counts)
  })

  test('delivers delayed messages once in effect, and never those that were cancelled', async () => {
    const [commands, results] = await Promise.all([room.topic(), room.topic()])
    const [writer, reader] = await Promise.all([room.writer(), room.reader(results)])
    const settings = { module: room.moduleText({ topics: { [commands]: ['reminder'] } }), results }
    const keys = Array.from({ length: 40 }, (_, i) => `k${i}`)
    const send = (value: string) => writer.send(keys.map((key) => ({ topic: commands, key, value })))

    let engine = await room.engineChild(settings)
    await send('set 300 early')
    await send('set 2500 kept')
    // Long enough for a busy machine to restart the engine and cancel it before.
    await send('set 6000 dropped')
    const due = Date.now() + 6000
    await sleep(250)
    for (let kills = 0; kills < 2; kills++) {
      await engine.child.kill()
      engine = await room.engineChild(settings)
      if (kills === 0) await send('cancel dropped')
      await sleep(between(50, 300))
    }
    // A token is free again once its message was delivered or cancelled, also when that was before a restart.
    await send('set 100 early')
    await send('set 100 dropped')
    await reader.until(
      () => keys.every((key) => reader.values(key).some((value) => value.endsWith(' 4'))),
      'four deliveries each',
    )
    await sleep(Math.max(due + 500 - Date.now(), 300))
    const rings = await Promise.all(keys.map((key) => state(engine, 'reminder', key)))
    expect(rings.map((value) => types.int.deserialize(value ?? new Uint8Array()))).toEqual(keys.map(() => 4))
    for (const key of keys) {
      const delivered = new Set(reader.values(key).map((value) => value.split(' ')[0]))
      expect([...delivered].sort()).toEqual(['dropped', 'early', 'kept'])
    }
  })

  test('keeps a second process out of its folder, and gives it to the next one', async () => {
    const [commands, results] = await Promise.all([room.topic(), room.topic()])
    const settings = { module: room.moduleText({ topics: { [commands]: ['counter'] } }), results }
    const first = await room.engineChild(settings)
    await expect(room.engineChild(settings)).rejects.toMatchObject({
      code: 'SF_GATE_START_FAILED',
      excerpt: expect.stringContaining(
        `another engine (process ${first.child.pid}) works with this checkpoint folder`,
      ),
    })
    await first.child.kill()
    await room.engineChild(settings)
  })

  test('counts the life of a state from its last write, not from the restart', async () => {
    const [commands, results] = await Promise.all([room.topic(), room.topic()])
    const [writer, reader] = await Promise.all([room.writer(), room.reader(results)])
    const settings = { module: room.moduleText({ topics: { [commands]: ['session'] } }), results }
    const visit = (key: string) => writer.send([{ topic: commands, key, value: 'x' }])
    let engine = await room.engineChild(settings)
    await visit('a')
    await reader.until(() => reader.values('a').length > 0, 'the first visit')
    const written = performance.now()
    await sleep(200)
    await engine.child.kill()
    engine = await room.engineChild(settings)
    await visit('b')
    await reader.until(() => reader.values('b').length > 0, 'a visit after the restart')
    expect(types.int.deserialize((await state(engine, 'session', 'b')) ?? new Uint8Array())).toBe(1)
    await sleep(Math.max(0, VISITS_TTL_MS + 50 - (performance.now() - written)))
    await visit('a')
    await reader.until(() => reader.values('a').length > 1, 'a visit after the expiration')
    expect(new Set(reader.values('a'))).toEqual(new Set(['1']))
  })
})
