import { type InvocableFunction, kafkaRecordValue, types } from '@statefun/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ObjectStorage } from '../checkpoint/object-storage.ts'
import { MemoryBucket, type MemoryStoreOptions } from '../checkpoint/testing/memory-bucket.ts'
import { systemClock } from '../clock.ts'
import { memoryConnector } from '../memory/memory-connector.ts'
import { MemoryTopics } from '../memory/memory-topics.ts'
import { loadModule } from '../module/load-module.ts'
import { type Engine, startEngine } from './engine.ts'
import { JobKit } from './testing/job-kit.ts'

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

/** Counts its messages in a long and emits each count. */
const counter: InvocableFunction = {
  typename: 'test/counter',
  invoke(batch) {
    const stored = batch.state[0]
    if (stored === undefined) {
      const { typename } = types.long
      const spec = { stateName: 'count', typename, expireMode: 'none', expireAfterMs: 0 } as const
      return { kind: 'incomplete', missing: [spec] }
    }
    let count = stored.stateValue === undefined ? 0n : types.long.deserialize(stored.stateValue.value)
    const outgoingEgresses = batch.invocations.map(() => ({
      egressNamespace: 'test',
      egressType: 'out',
      argument: kafkaRecordValue({
        topic: 'results',
        key: batch.target.id,
        value: Buffer.from(String(++count)),
        headers: [],
      }),
    }))
    const value = { typename: types.long.typename, hasValue: true, value: types.long.serialize(count) }
    const stateMutations = [{ stateName: 'count', value }]
    return {
      kind: 'response',
      outgoingMessages: [],
      delayedInvocations: [],
      outgoingEgresses,
      stateMutations,
    }
  },
}

let topics: MemoryTopics
let bucket: MemoryBucket
const engines: Engine[] = []

beforeEach(() => {
  topics = new MemoryTopics()
  bucket = new MemoryBucket()
})
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.kill()
  topics.close()
})

async function start(store: MemoryStoreOptions = {}, compactAfterBytes = 1_000_000): Promise<Engine> {
  const engine = await startEngine({
    app: 'test',
    module: loadModule(MODULE, { file: 'module.yaml' }),
    functions: [counter],
    connectors: [memoryConnector(topics)],
    checkpoint: {
      dir: 'unused',
      intervalMs: 5,
      compactAfterBytes,
      storage: () => new ObjectStorage({ store: bucket.store(store), app: 'test' }),
    },
    restart: { delayMs: 1 },
    // A stop gives the last epoch ten seconds: here a hundredth of that.
    clock: {
      ...systemClock,
      after: (milliseconds, callback) => systemClock.after(milliseconds / 100, callback),
    },
  })
  engines.push(engine)
  return engine
}

const send = (key: string) =>
  topics.produce('commands', { key: Buffer.from(key), value: Buffer.from('1'), headers: [] })
const count = (engine: Engine, id: string) => {
  const [entry] = engine.state('test/counter', id)
  return entry === undefined ? undefined : types.long.deserialize(entry.value)
}

describe('an engine whose checkpoint is in a bucket', () => {
  it('goes on where it was, over kills, stops and snapshots', async () => {
    for (let run = 1; run <= 4; run++) {
      const engine = await start({}, 1)
      expect(count(engine, 'a')).toBe(run === 1 ? undefined : BigInt(20 * (run - 1)))
      for (let at = 0; at < 20; at++) {
        send('a')
        await engine.checkpoint()
      }
      await expect.poll(() => count(engine, 'a')).toBe(BigInt(20 * run))
      await engine.checkpoint()
      if (run % 2 === 0) await engine.stop()
      else await engine.kill()
    }
    expect(bucket.keys().some((key) => key.endsWith('/end'))).toBe(true)
  })

  it('gives way to one that is started later, and does not start again', async () => {
    const older = await start()
    send('a')
    await expect.poll(() => count(older, 'a')).toBe(1n)
    await older.checkpoint()
    const newer = await start()
    send('a')
    await expect(older.failed).resolves.toMatchObject({ code: 'SF_ENGINE_FENCED' })
    await expect.poll(() => count(newer, 'a')).toBe(2n)
    await newer.checkpoint()
    expect(older.ready).toBe(false)
  })

  it('takes longer epochs while the bucket is slow, and loses nothing', async () => {
    const engine = await start({ before: () => new Promise((resolve) => setTimeout(resolve, 20, 'work')) })
    for (let at = 0; at < 50; at++) send('a')
    await expect.poll(() => count(engine, 'a')).toBe(50n)
    await engine.checkpoint()
    await engine.kill()
    expect(count(await start(), 'a')).toBe(50n)
  })

  it('starts again when an epoch could not be stored', async () => {
    let fail = false
    const engine = await start({
      before: ({ kind }) => {
        if (!fail || kind !== 'putNew') return 'work'
        fail = false
        return 'fail'
      },
    })
    send('a')
    await expect.poll(() => count(engine, 'a')).toBe(1n)
    await engine.checkpoint()
    fail = true
    send('a')
    await expect.poll(() => engine.restarts).toBe(1)
    await expect.poll(() => engine.ready && count(engine, 'a')).toBe(2n)
  })

  it('stops also when the bucket is away, and says that the last epoch is missing', async () => {
    let away = false
    const engine = await start({ before: () => (away ? new Promise<never>(() => undefined) : 'work') })
    away = true
    send('a')
    await expect.poll(() => count(engine, 'a')).toBe(1n)
    await expect(engine.stop()).rejects.toMatchObject({ code: 'SF_OBJECT_STORE_CLOSED' })
  })

  it('can be given up while it waits for a bucket that is away', async () => {
    const store = bucket.store({ before: () => new Promise<never>(() => undefined) })
    const kit = new JobKit({ storage: new ObjectStorage({ store, app: 'test' }) })
    const started = expect(kit.job.start()).rejects.toMatchObject({ code: 'SF_OBJECT_STORE_CLOSED' })
    await kit.job.close()
    await started
  })
})
