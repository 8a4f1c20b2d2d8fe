import { MemoryTopics, serveTopics } from '@statefun/engine'
import { types } from '@statefun/protocol'
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import { ControlClient } from '../../control/control-client.ts'
import { ControlServer } from '../../control/control-server.ts'
import { Phases } from '../../run/phases.ts'
import { RunEvents } from '../../run/run-events.ts'
import { FakeTopology } from '../../run/testing/fake-topology.ts'
import { InProcessTopics } from './in-process-topics.ts'
import { Kafka } from './kafka.ts'

let server: ControlServer
let topics: MemoryTopics
let kafka: Kafka

beforeEach(async () => {
  const events = new RunEvents()
  server = new ControlServer(events, () => undefined)
  await server.listen()
  const app = { name: 'shop', folder: '/', config: '/config.ts', module: '/module.yaml' }
  const started = new FakeTopology().start(
    { app, engines: ['embedded'], kinesis: false, folder: '/' },
    new Phases(events, new AbortController().signal),
  )
  const deployment = await started.get('embedded')
  if (deployment === undefined) throw new Error('there is no deployment')
  topics = new MemoryTopics()
  const access = server.add({
    ...deployment,
    serve: (request, response) => serveTopics(topics, request, response),
  })
  kafka = new Kafka(new InProcessTopics(new ControlClient(access)), 10_000, async () => 'the app is fine')
})
afterEach(() => server[Symbol.asyncDispose]())

describe('in-process topics over HTTP', () => {
  test('keep keys, values and headers as they are: text, bytes and null', async () => {
    const bytes = Uint8Array.of(0, 1, 255)
    expect(
      await kafka.send('t', { key: bytes, value: bytes, headers: { b: bytes, n: null, t: 'ä' } }),
    ).toEqual({
      topic: 't',
      partition: 0,
      offset: 0,
    })
    await kafka.send('t', {
      value: null,
      headers: [
        ['twice', '1'],
        ['twice', '2'],
      ],
    })
    const [first, second] = await kafka.read('t', { count: 2 })
    expect(first?.keyBytes).toEqual(bytes)
    expect(first?.value).toEqual(bytes)
    expect(first?.header('b')).toEqual(bytes)
    expect(first?.header('n')).toBeNull()
    expect(first?.header('x')).toBeUndefined()
    expect(first?.headerText('t')).toBe('ä')
    expect(second).toMatchObject({ key: null, value: null })
    expect(second?.headers.map(({ key }) => key)).toEqual(['twice', 'twice'])
    expect(second?.headerText('twice')).toBe('2')
  })

  test('a read waits for what is not there yet', async () => {
    const reading = kafka.read('late', { match: ({ key }) => key === 'b' })
    await kafka.send('late', [
      { key: 'a', value: '1' },
      { key: 'b', value: '{"n":2}' },
    ])
    const record = await reading
    expectTypeOf(record.value).toEqualTypeOf<Uint8Array | null>()
    expect(record.json()).toEqual({ n: 2 })
  })

  test('types of the SDK say what values are', async () => {
    await kafka.send('typed', [
      { key: 'a', as: types.long, value: 5n },
      { key: 'b', as: types.long, value: 7n },
    ])
    const one = await kafka.read('typed', { as: types.long, match: ({ value }) => value > 5n })
    expectTypeOf(one.value).toBeBigInt()
    expect(one.value).toBe(7n)
    const all = await kafka.read('typed', {
      as: types.long,
      until: (records) => records.reduce((sum, { value }) => sum + value, 0n) >= 12n,
    })
    expect(all.map(({ value }) => value)).toEqual([5n, 7n])
  })

  test('a read from an end leaves out what was there before', async () => {
    await kafka.send('t', { value: 'old' })
    const end = await kafka.end('t')
    await kafka.send('t', { value: 'new' })
    expect((await kafka.read('t', { from: end })).text()).toBe('new')
    expect(await kafka.end('no such topic')).toEqual([])
  })

  test('a tail is what is there, and does not wait', async () => {
    topics.create('wide', 2)
    const all = [0, 1, 0, 1].map((partition, n) => ({ value: `${n}`, partition }))
    await kafka.send('wide', all)
    const tail = await kafka.tail('wide')
    expect(tail.map((record) => record.text()).sort()).toEqual(['0', '1', '2', '3'])
    await kafka.send(
      'narrow',
      all.map(({ value }) => ({ value })),
    )
    expect((await kafka.tail('narrow', 3)).map((record) => record.text())).toEqual(['1', '2', '3'])
    expect(await kafka.tail('empty')).toEqual([])
  })

  test('what does not arrive is told with what did', async () => {
    await kafka.send('t', [
      { key: 'k', value: 'text', headers: { h: Uint8Array.of(255) } },
      { key: 'broken', value: Uint8Array.of(9, 1) },
    ])
    const reading = kafka.read('t', { as: types.long, match: ({ key }) => key === 'other', timeout: 300 })
    await expect(reading).rejects.toMatchObject({
      code: 'SF_GATE_NOT_THERE',
      message: expect.stringMatching(
        /^topic \[t\]: no record matched within 0.3 s\n2 records arrived:\n {2}partition \[0\] offset \[0\] key "k" headers h=0xff value "text" \(cannot be read: .*\n.*key "broken".*\nthe app is fine$/s,
      ),
    })
    await expect(kafka.read('t', { count: 3, timeout: 100 })).rejects.toThrow('2 of 3 records matched')
  })
})
