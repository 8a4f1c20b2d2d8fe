import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Engine, loadModule, MemoryTopics, memoryConnector, startEngine } from '@statefun/engine'
import { type Type, types } from '@statefun/protocol'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FOREIGN_LANGUAGES, type ForeignFunctions, startForeignFunctions } from './foreign-functions.ts'

const TTL_MS = 1_500

const moduleText = ({ namespace, url }: ForeignFunctions) => `
kind: io.statefun.endpoints.v2/http
spec:
  functions: ${namespace}/*
  urlPathTemplate: ${url}
---
kind: io.statefun.kafka.v1/ingress
spec:
  id: foreign/commands
  address: unused:9092
  consumerGroupId: foreign
  startupPosition: { type: earliest }
  topics:
    - { topic: counter, valueType: io.statefun.types/int, targets: [${namespace}/counter] }
    - { topic: relay, valueType: io.statefun.types/int, targets: [${namespace}/relay] }
    - { topic: reminder, valueType: io.statefun.types/string, targets: [${namespace}/reminder] }
    - { topic: session, valueType: io.statefun.types/int, targets: [${namespace}/session] }
---
kind: io.statefun.kafka.v1/egress
spec:
  id: foreign/results
  address: unused:9092
`

describe.each(FOREIGN_LANGUAGES)('functions of the %s SDK under the embedded engine', (language) => {
  let functions: ForeignFunctions
  let folder: string
  let topics: MemoryTopics
  let engine: Engine

  beforeAll(async () => {
    functions = await startForeignFunctions(language, { topic: 'results', ttlMs: TTL_MS })
  })
  afterAll(() => functions?.stop())

  const start = () =>
    startEngine({
      app: 'foreign',
      module: loadModule(moduleText(functions), { file: 'module.yaml' }),
      connectors: [memoryConnector(topics)],
      checkpoint: { dir: folder, intervalMs: 20 },
    })

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'statefun-foreign-engine-'))
    topics = new MemoryTopics()
    engine = await start()
  })
  afterEach(async () => {
    await engine.stop()
    topics.close()
    await rm(folder, { recursive: true, force: true })
  })

  function produce<T>(topic: string, type: Type<T>, key: string, ...values: T[]): void {
    for (const value of values) topics.produce(topic, { key, value: type.serialize(value) })
  }

  function results(key: string): string[] {
    const cursor = topics.cursor('results', 'earliest')
    const found: string[] = []
    for (let record = cursor.next(); record !== undefined; record = cursor.next()) {
      if (Buffer.from(record.key ?? []).toString() === key)
        found.push(Buffer.from(record.value ?? []).toString())
    }
    return found
  }

  const eventually = (read: () => unknown) => expect.poll(read, { timeout: 20_000 })

  test('state is negotiated and each key counts for itself, in order', async () => {
    const keys = ['a', 'b', 'ein Schlüssel/mit ?&%']
    for (let round = 1; round <= 20; round += 1)
      for (const key of keys) produce('counter', types.int, key, round)
    const sums = Array.from({ length: 20 }, (_, index) => String(((index + 1) * (index + 2)) / 2))
    for (const key of keys) await eventually(() => results(key)).toEqual(sums)
    const [total] = engine.state(`${functions.namespace}/counter`, 'a')
    expect(total?.typename).toBe(types.int.typename)
    expect(types.int.deserialize(total?.value ?? new Uint8Array())).toBe(210)
  })

  test('a function sends to another one and gets its answer', async () => {
    produce('relay', types.int, 'r', 5, 6)
    await eventually(() => results('r').sort()).toEqual(['11', '5', 'relayed 11', 'relayed 5'])
  })

  test('a delayed message comes after its delay, and not at all once cancelled', async () => {
    const began = performance.now()
    produce('reminder', types.string, 'rings', 'start 400')
    produce('reminder', types.string, 'cancelled', 'start 1200', 'cancel')
    await eventually(() => results('rings')).toEqual(['ring'])
    expect(performance.now() - began).toBeGreaterThanOrEqual(400)
    await sleep(1_500 - (performance.now() - began))
    expect(results('cancelled')).toEqual([])
  })

  test('states expire after their time, those that live from the last call as well', async () => {
    produce('session', types.int, 's', 0, 0)
    await eventually(() => results('s')).toEqual(['1/1', '2/2'])
    await sleep(TTL_MS + 300)
    produce('session', types.int, 's', 0)
    await eventually(() => results('s')).toEqual(['1/1', '2/2', '1/1'])
  })

  test('a total survives a crash of the engine', async () => {
    produce('counter', types.int, 'c', 1, 2, 3)
    await eventually(() => results('c').at(-1)).toBe('6')
    await engine.kill()
    produce('counter', types.int, 'c', 4)
    engine = await start()
    await eventually(() => results('c').at(-1)).toBe('10')
  })
})
