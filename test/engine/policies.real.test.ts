import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from '@statefun/engine'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { produceRaw } from '../../packages/kafka/test/kit.ts'
import { testFunctions } from './kit/functions.ts'
import { Room } from './kit/room.ts'

let room: Room
beforeEach(async () => {
  room = await Room.open(inject('kafkaBootstrap'))
})
afterEach(() => room.close())

const PREFIX = 'flink_taskmanager_job_task_operator_'
const STAMP = 1_700_000_000_000
const get = async (engine: Engine, path: string) => await (await fetch(`${engine.url}${path}`)).text()

describe('records without key or value', () => {
  test('are skipped with Flink’s log line and counters; the others go through', async () => {
    const [commands, results] = await Promise.all([room.topic(), room.topic()])
    const reader = await room.reader(results)
    const module = room.moduleText({
      topics: { [commands]: ['counter'] },
      ingress: ['invalidRecordHandling: { type: skip, logLevel: error }'],
    })
    await produceRaw(
      room.bootstrap,
      commands,
      [
        { key: 'a', value: '1' },
        { key: null, value: 'no key' },
        { key: 'a', value: null },
        { key: null, value: null },
        { key: 'a', value: '2' },
      ],
      STAMP,
    )
    const engine = await room.engine(module, testFunctions(results), { admin: { port: 0 } })
    await reader.until(() => reader.records.length === 2, 'two totals')
    const at = (offset: number) =>
      `topic [${commands}], partition [0], offset [${offset}], timestamp [${STAMP}]`
    expect(room.log.matching('Skipping invalid record')).toEqual([
      `error Skipping invalid record: defect [NULL_KEY], ${at(1)}, key [null], value size [6]`,
      `error Skipping invalid record: defect [NULL_VALUE], ${at(2)}, key [a], value size [-1]`,
      `error Skipping invalid record: defect [NULL_KEY], ${at(3)}, key [null], value size [-1]`,
    ])
    const metrics = await get(engine, '/metrics')
    expect(metrics).toContain(`${PREFIX}deserializer_numInvalidRecordsSkipped{ingress="test/in"} 3`)
    for (const [defect, count] of [
      ['NULL_KEY', 2],
      ['NULL_VALUE', 1],
    ] as const) {
      expect(metrics).toContain(
        `${PREFIX}deserializer_topic_defect_numInvalidRecordsSkipped{topic="${commands}",defect="${defect}",ingress="test/in"} ${count}`,
      )
    }
  })

  test.each([
    ['no key', null, 'v', 'requires a UTF-8 key set for each record', ''],
    ['no value', 'k1', null, 'cannot process a tombstone (null value) record', ', key [k1]'],
  ])(
    'end the job under policy fail and say where they are: %s',
    async (_what, key, value, reason, shownKey) => {
      const [commands, results] = await Promise.all([room.topic(), room.topic()])
      const reader = await room.reader(results)
      const module = room.moduleText({
        topics: { [commands]: ['counter'] },
        ingress: ['invalidRecordHandling: { type: fail }'],
      })
      await produceRaw(
        room.bootstrap,
        commands,
        [
          { key: 'a', value: '1' },
          { key, value },
        ],
        STAMP,
      )
      const engine = await room.engine(module, testFunctions(results), {
        admin: { port: 0 },
        restart: { attempts: 2, delayMs: 10 },
      })
      const error = await engine.failed
      expect(error.message).toBe(
        `The io.statefun.kafka.v1/ingress ingress ${reason}. Offending record: topic [${commands}], ` +
          `partition [0], offset [1], timestamp [${STAMP}]${shownKey}.`,
      )
      expect(engine.restarts).toBe(2)
      expect(room.log.matching('error job failed')).toEqual([
        'error job failed, restarting from the last checkpoint',
        'error job failed, restarting from the last checkpoint',
        'error job failed',
      ])
      expect((await fetch(`${engine.url}/ready`)).status).toBe(503)
      expect((await fetch(`${engine.url}/health`)).status).toBe(200)
      expect(await get(engine, '/metrics')).toContain(`${PREFIX}numRestarts 2`)
      expect(new Set(reader.values('a')).size).toBeLessThanOrEqual(1)
    },
  )
})

describe('a function that fails for good', () => {
  const failsOn = (bad: () => string) => ({
    before: (text: string) => {
      if (text === bad()) throw new Error(`cannot take ${text}`)
    },
  })

  test('is parked for that key alone, over a restart, until it is redriven', async () => {
    const [commands, results] = await Promise.all([room.topic(), room.topic()])
    const [writer, reader] = await Promise.all([room.writer(), room.reader(results)])
    const module = room.moduleText({
      topics: { [commands]: ['counter'] },
      endpoint: ['failurePolicy: { type: park }'],
      call: '30ms',
    })
    const send = (key: string, ...values: string[]) =>
      writer.send(values.map((value) => ({ topic: commands, key, value })))
    let bad = 'bad'
    const options = { admin: { port: 0 } }
    const functions = testFunctions(
      results,
      failsOn(() => bad),
    )
    const first = await room.engine(module, functions, options)
    await send('a', '1')
    await reader.until(() => reader.values('a').length === 1, 'the first total')
    await send('a', 'bad')
    await expect
      .poll(() => get(first, '/parked').then(JSON.parse), { timeout: 10_000 })
      .toEqual({ parked: [{ typename: 'test/counter', id: 'a', messages: 1 }] })
    await send('a', '2', '3')
    await send('b', '1', '2')
    await reader.until(() => reader.values('b').length === 2, 'the other key')
    expect(reader.values('a')).toEqual(['1'])
    await first.checkpoint()
    await first.kill()

    const second = await room.engine(module, functions, options)
    expect(JSON.parse(await get(second, '/parked'))).toEqual({
      parked: [{ typename: 'test/counter', id: 'a', messages: 3 }],
    })
    await send('a', '4')
    bad = ''
    const redriven = await fetch(`${second.url}/redrive/test/counter/a`, { method: 'POST' })
    expect([redriven.status, await redriven.json()]).toEqual([200, { redriven: 1 }])
    await reader.until(() => reader.values('a').length === 5, 'all of the parked key')
    expect(reader.values('a')).toEqual(['1', '2', '3', '4', '5'])
    await second.checkpoint()
    await second.kill()

    const third = await room.engine(module, functions, options)
    expect(JSON.parse(await get(third, '/parked'))).toEqual({ parked: [] })
    await sleep(50)
    expect(reader.values('a')).toEqual(['1', '2', '3', '4', '5'])
  })

  test('has the message at fault, and no other, sent to the dead letters with all that is known', async () => {
    const [commands, results, dead] = await Promise.all([room.topic(), room.topic(), room.topic()])
    const [writer, reader, letters] = await Promise.all([
      room.writer(),
      room.reader(results),
      room.reader(dead),
    ])
    const module = room.moduleText({
      topics: { [commands]: ['counter'] },
      endpoint: [`failurePolicy: { type: deadLetter, egress: test/out, topic: ${dead} }`],
      ingress: ['forwardHeaders: true'],
      call: '30ms',
    })
    const headers = [
      { key: 'trace', value: Buffer.from('t-1') },
      { key: 'none', value: null },
    ]
    await room.engine(
      module,
      testFunctions(
        results,
        failsOn(() => 'bad'),
      ),
    )
    await writer.send(
      ['1', 'bad', '2', 'bad', '3'].map((value) => ({ topic: commands, key: 'a', value, headers })),
    )
    await writer.send([{ topic: commands, key: 'b', value: '1' }])
    await reader.until(() => reader.values('a').length === 3, 'what can be taken')
    await letters.until(() => letters.records.length === 2, 'two dead letters')
    expect(reader.values('a')).toEqual(['1', '2', '3'])
    expect(reader.values('b')).toEqual(['1'])
    for (const { id, value, metadata } of letters.records) {
      expect([id, value]).toEqual(['a', 'bad'])
      expect(metadata?.slice(0, 2)).toEqual(headers)
      const facts = Object.fromEntries(
        metadata!.slice(2).map((header) => [header.key, Buffer.from(header.value ?? []).toString()]),
      )
      expect(facts).toEqual({
        'statefun.failure/function': 'test/counter',
        'statefun.failure/id': 'a',
        'statefun.failure/typename': 'test/text',
        'statefun.failure/code': 'SF_TRANSPORT_BUDGET_EXHAUSTED',
        'statefun.failure/error': expect.stringContaining('cannot take bad'),
        'statefun.failure/time': expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      })
    }
  })
})
