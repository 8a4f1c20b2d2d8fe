import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type InvocableFunction, types } from '@statefun/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { response } from '../core/testing/core-harness.ts'
import { memoryConnector } from '../memory/memory-connector.ts'
import { MemoryTopics } from '../memory/memory-topics.ts'
import { loadModule } from '../module/load-module.ts'
import { type Engine, startEngine } from './engine.ts'

const MODULE = `
kind: io.statefun.endpoints.v2/http
spec:
  functions: test/*
  urlPathTemplate: http://127.0.0.1:1/statefun
---
kind: io.statefun.kafka.v1/ingress
spec:
  id: test/in
  address: unused:9092
  consumerGroupId: test
  startupPosition: { type: earliest }
  topics:
    - { topic: commands, valueType: test/delta, targets: [test/counter] }
`

/** Adds each message's number to a state. */
const counter: InvocableFunction = {
  typename: 'test/counter',
  invoke({ state, invocations }) {
    const { typename } = types.long
    const stored = state.find(({ stateName }) => stateName === 'total')
    if (stored === undefined) {
      const spec = { stateName: 'total', typename, expireMode: 'none', expireAfterMs: 0 } as const
      return { kind: 'incomplete', missing: [spec] }
    }
    let total = stored.stateValue === undefined ? 0n : types.long.deserialize(stored.stateValue.value)
    for (const { argument } of invocations) total += BigInt(Buffer.from(argument.value).toString())
    const value = { typename, hasValue: true, value: types.long.serialize(total) }
    return response({ state: [{ stateName: 'total', value }] })
  },
}

const KEYS = 200

let dir: string
let topics: MemoryTopics
const engines: Engine[] = []

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'statefun-state-'))
  topics = new MemoryTopics()
})

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.kill()
  topics.close()
  await rm(dir, { recursive: true, force: true })
})

async function start(backend: 'hashmap' | 'disk'): Promise<Engine> {
  const engine = await startEngine({
    app: 'test',
    module: loadModule(MODULE, { file: 'module.yaml' }),
    functions: [counter],
    connectors: [memoryConnector(topics)],
    checkpoint: { dir, intervalMs: 1, compactAfterBytes: 5000 },
    // Without memory to speak of everything is moved to disk as soon as it may be.
    state: { backend, cacheBytes: 1 },
  })
  engines.push(engine)
  return engine
}

function produce(rounds: number): void {
  for (let round = 0; round < rounds; round++)
    for (let key = 0; key < KEYS; key++)
      topics.produce('commands', { key: Buffer.from(`k${key}`), value: Buffer.from(String(key)) })
}

function total(engine: Engine, id: string): bigint {
  const state = engine.state('test/counter', id)[0]
  return state === undefined ? 0n : types.long.deserialize(state.value)
}

async function totals(engine: Engine): Promise<Record<string, bigint>> {
  const ids = await engine.instances('test/counter', 1000)
  return Object.fromEntries(ids.sort().map((id) => [id, total(engine, id)]))
}

function expected(rounds: number): Record<string, bigint> {
  const keys = Array.from({ length: KEYS }, (_, key) => key)
  return Object.fromEntries(keys.map((key) => [`k${key}`, BigInt(key * rounds)]))
}

describe('the state of an app', () => {
  it.each([
    ['disk', 'disk'],
    ['hashmap', 'disk'],
    ['disk', 'hashmap'],
  ] as const)('outlives crashes and base snapshots, from %s to %s', async (before, after) => {
    let rounds = 0
    for (let crash = 0; crash < 6; crash++) {
      const engine = await start(crash % 2 === 0 ? before : after)
      produce(3)
      rounds += 3
      // Somewhere in the middle.
      const middle = BigInt(50 * (rounds - 2))
      await expect.poll(() => total(engine, 'k50'), { interval: 1 }).toBeGreaterThanOrEqual(middle)
      await engine.kill()
    }
    const engine = await start(before)
    const hasBase = async () => {
      produce(1)
      rounds++
      return (await readdir(dir)).some((name) => /^base-\d+\.sfbase$/.test(name))
    }
    await expect.poll(hasBase, { timeout: 10_000 }).toBe(true)
    await expect.poll(() => totals(engine)).toEqual(expected(rounds))
    await engine.kill()
    const last = await start(after)
    await expect.poll(() => totals(last)).toEqual(expected(rounds))
  })

  it('is the same after a stop and a start with the other backend', async () => {
    const first = await start('disk')
    produce(2)
    await expect.poll(() => totals(first)).toEqual(expected(2))
    await first.stop()
    const second = await start('hashmap')
    expect(await totals(second)).toEqual(expected(2))
  })

  it('leaves nothing in the scratch folder', async () => {
    const engine = await start('disk')
    produce(1)
    await expect.poll(() => totals(engine)).toEqual(expected(1))
    await expect.poll(() => readdir(join(dir, 'state'))).not.toEqual([])
    await engine.stop()
    expect(await readdir(join(dir, 'state'))).toEqual([])
  })
})
