import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type InvocableFunction, type InvocationBatch, kafkaRecordValue, types } from '@statefun/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../clock.ts'
import { memoryConnector } from '../memory/memory-connector.ts'
import { MemoryTopics } from '../memory/memory-topics.ts'
import { loadModule } from '../module/load-module.ts'
import { type Engine, type EngineOptions, startEngine } from './engine.ts'
import { Gate, StubStorage } from './testing/job-kit.ts'

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
---
kind: io.statefun.kafka.v1/egress
spec:
  id: test/out
  address: unused:9092
`

let dir: string
let topics: MemoryTopics
const engines: Engine[] = []

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'statefun-engine-'))
  topics = new MemoryTopics()
})

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.kill()
  topics.close()
  await rm(dir, { recursive: true, force: true })
})

async function start(
  functions: readonly InvocableFunction[],
  over: Partial<EngineOptions> = {},
): Promise<Engine> {
  const engine = await startEngine({
    app: 'test',
    module: loadModule(MODULE, { file: 'module.yaml' }),
    functions,
    connectors: [memoryConnector(topics)],
    checkpoint: { dir, intervalMs: 5 },
    restart: { delayMs: 1 },
    ...over,
  })
  engines.push(engine)
  return engine
}

/** Adds each message's number to a long state and emits every total. */
function counter(before?: (batch: InvocationBatch) => void | Promise<void>): InvocableFunction {
  const run = (batch: InvocationBatch) => {
    const stored = batch.state.find(({ stateName }) => stateName === 'total')
    if (stored === undefined) {
      const spec = {
        stateName: 'total',
        typename: types.long.typename,
        expireMode: 'none',
        expireAfterMs: 0,
      } as const
      return { kind: 'incomplete', missing: [spec] } as const
    }
    let total = stored.stateValue === undefined ? 0n : types.long.deserialize(stored.stateValue.value)
    const outgoingEgresses = batch.invocations.map(({ argument }) => {
      total += BigInt(Buffer.from(argument.value).toString())
      const value = Buffer.from(String(total))
      return {
        egressNamespace: 'test',
        egressType: 'out',
        argument: kafkaRecordValue({ topic: 'results', key: batch.target.id, value, headers: [] }),
      }
    })
    const value = { typename: types.long.typename, hasValue: true, value: types.long.serialize(total) }
    return {
      kind: 'response',
      outgoingMessages: [],
      delayedInvocations: [],
      outgoingEgresses,
      stateMutations: [{ stateName: 'total', value }],
    } as const
  }
  return {
    typename: 'test/counter',
    invoke(batch) {
      const wait = before?.(batch)
      return wait === undefined ? run(batch) : wait.then(() => run(batch))
    },
  }
}

function produce(key: string, ...deltas: number[]): void {
  for (const delta of deltas) {
    topics.produce('commands', { key: Buffer.from(key), value: Buffer.from(String(delta)), headers: [] })
  }
}

function results(key: string): number[] {
  const cursor = topics.cursor('results', 'earliest')
  const found: number[] = []
  for (let record = cursor.next(); record !== undefined; record = cursor.next()) {
    if (Buffer.from(record.key ?? []).toString() === key)
      found.push(Number(Buffer.from(record.value ?? []).toString()))
  }
  return found
}

function total(engine: Engine, id: string): bigint | undefined {
  const state = engine.state('test/counter', id)[0]
  return state === undefined ? undefined : types.long.deserialize(state.value)
}

/** The module with a retry budget that is used up at once. */
function shortBudget() {
  const transport = 'transport: { type: io.statefun.transports.v1/async, call: 5ms }'
  return loadModule(MODULE.replace('/statefun', `/statefun\n  ${transport}`), { file: 'module.yaml' })
}

describe('the embedded engine', () => {
  it('runs records through a function in this process to an egress', async () => {
    const engine = await start([counter()])
    produce('a', 1, 2, 3)
    produce('b', 10)
    await expect.poll(() => results('a')).toEqual([1, 3, 6])
    await expect.poll(() => results('b')).toEqual([10])
    expect(total(engine, 'a')).toBe(6n)
    expect((await engine.instances('test/counter', 10)).sort()).toEqual(['a', 'b'])
  })

  it('resumes after a crash with the state and position of the last durable epoch', async () => {
    const first = await start([counter()])
    produce('a', 1, 2)
    await expect.poll(() => results('a')).toEqual([1, 3])
    await first.checkpoint()
    await first.kill()
    produce('a', 4)
    const second = await start([counter()])
    await expect.poll(() => results('a')).toEqual([1, 3, 7])
    expect(total(second, 'a')).toBe(7n)
  })

  it('calls again what was under way at the cut', async () => {
    let release: () => void = () => undefined
    const blocked = new Promise<void>((resolve) => {
      release = resolve
    })
    const first = await start([counter(() => blocked)])
    produce('a', 1)
    await expect.poll(() => first.metrics.render()).toContain('test_counter_inflightAsyncOps 1')
    produce('a', 2)
    await expect.poll(() => first.metrics.render()).toContain('test_counter_numBacklog 1')
    await first.checkpoint()
    await first.kill()
    release()
    const second = await start([counter()])
    await expect.poll(() => results('a')).toEqual([1, 3])
    expect(total(second, 'a')).toBe(3n)
  })

  it('restarts the job when a function fails for good, and goes on once it is mended', async () => {
    let broken = true
    const engine = await start(
      [
        counter((batch) => {
          if (broken && Buffer.from(batch.invocations.at(-1)!.argument.value).toString() === '5')
            throw new Error('broken')
        }),
      ],
      {
        module: loadModule(
          MODULE.replace(
            '/statefun',
            '/statefun\n  transport: { type: io.statefun.transports.v1/async, call: 20ms }',
          ),
          { file: 'module.yaml' },
        ),
      },
    )
    produce('a', 1)
    await expect.poll(() => results('a')).toEqual([1])
    await engine.checkpoint()
    produce('a', 5)
    await expect.poll(() => engine.restarts, { timeout: 5000 }).toBeGreaterThan(1)
    broken = false
    await expect.poll(() => results('a'), { timeout: 5000 }).toEqual([1, 6])
  })

  it('gives up after the allowed restarts and says why', async () => {
    const module = loadModule(
      MODULE.replace(
        '/statefun',
        '/statefun\n  transport: { type: io.statefun.transports.v1/async, call: 5ms }',
      ),
      { file: 'module.yaml' },
    )
    const engine = await start([counter(() => Promise.reject(new Error('always')))], {
      module,
      restart: { attempts: 1, delayMs: 1 },
    })
    produce('a', 1)
    const error = await engine.failed
    expect(error).toMatchObject({ code: 'SF_TRANSPORT_BUDGET_EXHAUSTED', where: 'test/counter id [a]' })
    expect(error.message).toContain('always')
    expect(engine.ready).toBe(false)
  })

  it('stops in order: what was taken is finished and durable', async () => {
    const engine = await start([counter(() => new Promise((resolve) => setTimeout(resolve, 1000)))], {
      checkpoint: { dir, intervalMs: 60_000 },
    })
    produce('a', 1)
    await expect.poll(() => engine.metrics.render()).toContain('test_counter_inflightAsyncOps 1')
    await engine.stop()
    expect(results('a')).toEqual([1])
    const again = await start([counter()])
    expect(total(again, 'a')).toBe(1n)
    produce('a', 1)
    await expect.poll(() => results('a')).toEqual([1, 2])
  })

  it('refuses a folder that another engine works with', async () => {
    await start([counter()])
    await expect(start([counter()])).rejects.toMatchObject({ code: 'SF_CHECKPOINT_LOCKED' })
  })

  it('refuses a state whose type changed between two deploys, by name', async () => {
    const first = await start([counter()])
    produce('a', 1)
    await expect.poll(() => results('a')).toEqual([1])
    await first.stop()
    const changed: InvocableFunction = {
      typename: 'test/counter',
      invoke: () => ({
        kind: 'incomplete',
        missing: [{ stateName: 'total', typename: types.int.typename, expireMode: 'none', expireAfterMs: 0 }],
      }),
    }
    const second = await start([changed], { restart: { attempts: 0 } })
    produce('a', 1)
    const error = await second.failed
    expect(error).toMatchObject({ code: 'SF_STATE_TYPE_CHANGED', where: 'test/counter' })
    expect(error.message).toContain('io.statefun.types/long')
    expect(error.message).toContain('io.statefun.types/int')
  })

  it('refuses it before it starts when the function tells its states', async () => {
    const first = await start([counter()])
    produce('a', 1)
    await expect.poll(() => results('a')).toEqual([1])
    await first.stop()
    const spec = {
      stateName: 'total',
      typename: types.int.typename,
      expireMode: 'none',
      expireAfterMs: 0,
    } as const
    await expect(start([{ ...counter(), stateSpecs: [spec] }])).rejects.toMatchObject({
      code: 'SF_STATE_TYPE_CHANGED',
      where: 'test/counter',
      message: expect.stringMatching(
        /"total" has type io\.statefun\.types\/long .* io\.statefun\.types\/int$/,
      ),
    })
    const unchanged = { ...spec, typename: types.long.typename }
    expect(total(await start([{ ...counter(), stateSpecs: [unchanged] }]), 'a')).toBe(1n)
  })

  it('refuses the folder of another app by name', async () => {
    const first = await start([counter()])
    produce('a', 1)
    await expect.poll(() => results('a')).toEqual([1])
    await first.stop()
    await expect(start([counter()], { app: 'another' })).rejects.toMatchObject({
      code: 'SF_CHECKPOINT_FOREIGN',
      message: expect.stringMatching(/"test".*"another"/),
    })
    // The refusal left no lock behind.
    await start([counter()])
  })

  it('refuses a port in use, and does not keep the folder', async () => {
    const first = await start([counter()], { admin: { port: 0 } })
    const port = Number(new URL(first.url!).port)
    const other = join(dir, 'other')
    await expect(start([counter()], { admin: { port }, checkpoint: { dir: other } })).rejects.toMatchObject({
      code: 'SF_ADMIN_LISTEN',
      where: `127.0.0.1:${port}`,
    })
    await start([counter()], { checkpoint: { dir: other } })
  })

  it('answers a second stop only when the first one is done', async () => {
    const engine = await start([counter(() => new Promise((resolve) => setTimeout(resolve, 1000)))], {
      checkpoint: { dir, intervalMs: 60_000 },
    })
    produce('a', 1)
    await expect.poll(() => engine.metrics.render()).toContain('test_counter_inflightAsyncOps 1')
    const done: string[] = []
    await Promise.all([
      engine.stop().then(() => done.push('first')),
      engine.stop().then(() => done.push('second')),
    ])
    expect(done).toEqual(['first', 'second'])
    const again = await start([counter()])
    expect(total(again, 'a')).toBe(1n)
  })

  it('shows nothing of a job that starts, and stops in the middle of that', async () => {
    const gate = new Gate()
    const storages: StubStorage[] = []
    const storage = () => {
      const made = new StubStorage()
      if (storages.length > 0) made.recovering = gate.passed
      storages.push(made)
      return made
    }
    const module = shortBudget()
    const failing = counter(() => Promise.reject(new Error('broken')))
    const engine = await start([failing], { module, checkpoint: { dir, storage }, admin: { port: 0 } })
    produce('a', 1)
    await expect.poll(() => storages[1]?.calls).toEqual(['open'])
    await expect(engine.checkpoint()).rejects.toMatchObject({ code: 'SF_ENGINE_NOT_RUNNING' })
    for (const ask of [
      () => engine.state('test/counter', 'a'),
      () => engine.parked(),
      () => engine.redrive('test/counter'),
    ])
      expect(ask).toThrow(expect.objectContaining({ code: 'SF_ENGINE_NOT_RUNNING' }))
    expect((await fetch(`${engine.url}/ready`)).status).toBe(503)
    expect((await fetch(`${engine.url}/checkpoint`, { method: 'POST' })).status).toBe(503)
    const stopped = engine.stop()
    gate.open()
    await stopped
    expect(storages).toHaveLength(2)
    expect(storages[1]!.calls).toEqual(['open', 'close'])
    expect(storages[1]!.appended).toEqual([])
  })

  it('stops at once while it waits to restart, and leaves no timer', async () => {
    const waits: (() => void)[] = []
    const clock: Clock = {
      ...systemClock,
      after(milliseconds, callback) {
        const cancel = systemClock.after(milliseconds, callback)
        if (milliseconds !== 3_600_000) return cancel
        waits.push(cancel)
        return () => {
          cancel()
          waits.pop()
        }
      },
    }
    const module = shortBudget()
    const failing = counter(() => Promise.reject(new Error('broken')))
    const engine = await start([failing], { module, clock, restart: { delayMs: 3_600_000 } })
    produce('a', 1)
    await expect.poll(() => waits.length).toBe(1)
    expect(engine.ready).toBe(false)
    await engine.stop()
    expect(waits).toEqual([])
  })

  it('makes nothing of names that somebody asks for', async () => {
    const engine = await start([])
    expect(engine.state('test/misspelt', 'a')).toEqual([])
    expect(await engine.instances('test/misspelt', 10)).toEqual([])
    expect(await engine.metrics.render()).not.toContain('misspelt')
  })

  it('survives many crashes with a base snapshot now and then, exact in state', async () => {
    for (let round = 0; round < 12; round++) {
      const engine = await start([counter()], { checkpoint: { dir, intervalMs: 1, compactAfterBytes: 500 } })
      for (let i = 0; i < 50; i++) produce(`k${i % 7}`, 1)
      await expect.poll(() => results('k0').length, { interval: 1 }).toBeGreaterThan(round * 8)
      await engine.kill()
    }
    const engine = await start([counter()])
    await expect
      .poll(async () => {
        const ids = await engine.instances('test/counter', 100)
        return ids.reduce((sum, id) => sum + (total(engine, id) ?? 0n), 0n)
      })
      .toBe(600n)
  })
})
