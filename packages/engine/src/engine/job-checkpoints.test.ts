import { StatefunError } from '@statefun/protocol'
import { expect, it } from 'vitest'
import type { CheckpointPlace, CheckpointReader } from '../checkpoint/storage.ts'
import { response, text } from '../core/testing/core-harness.ts'
import { registerEngineMetrics } from '../metrics/engine-metrics.ts'
import { PrometheusRegistry } from '../metrics/prometheus-registry.ts'
import { Gate, JobKit } from './testing/job-kit.ts'
import { ManualClock } from './testing/manual-clock.ts'
import { StubTransactionalSink } from './testing/stub-transactional-sink.ts'

/** A job that always has work, an interval of 100 ms, and a storage that takes `appendMs` for an epoch. */
async function busy(appendMs: () => number) {
  const clock = new ManualClock()
  const kit = new JobKit({ clock, checkpointIntervalMs: 100 })
  const begun: number[] = []
  let underWay = 0
  kit.storage.appending = async () => {
    begun.push(clock.now() - 1_000_000)
    expect(++underWay).toBe(1)
    const { promise, resolve } = Promise.withResolvers<void>()
    clock.after(appendMs(), resolve)
    await promise
    underWay--
  }
  await kit.job.start()
  const work = async (milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed += 5) {
      kit.source.send(`id-${passed}`, 'x')
      await clock.pass(5)
      for (const call of kit.calls.splice(0)) call.answer(response())
    }
  }
  return { kit, begun, work }
}

it('cuts epochs from cut to cut, however long each takes to write', async () => {
  const { kit, begun, work } = await busy(() => 30)
  await work(450)
  expect(begun).toEqual([100, 200, 300, 400])
  expect(kit.job.checkpoints.statistics).toMatchObject({ late: 0, lastAppendMs: 30, lastDurationMs: 30 })
  await kit.job.close()
})

it('never has two epochs under way on a slow disk, and counts the late ones', async () => {
  let appendMs = 250
  const { kit, begun, work } = await busy(() => appendMs)
  await work(700)
  expect(begun).toHaveLength(3)
  expect(begun[1]! - begun[0]!).toBeGreaterThanOrEqual(250)
  expect(begun[1]! - begun[0]!).toBeLessThan(255)
  expect(kit.job.checkpoints.statistics).toMatchObject({ late: 2, lastAppendMs: 250 })
  const registry = new PrometheusRegistry('')
  registerEngineMetrics(
    registry,
    () => kit.job,
    () => 0,
    [],
  )
  expect(await registry.render()).toMatch(/^checkpoints_late 2$/m)
  expect(await registry.render()).toMatch(/^checkpoints_lastAppend 250$/m)
  // A disk that is well again.
  appendMs = 10
  await work(500)
  const [a = 0, b = 0] = begun.slice(-2)
  expect(b - a).toBe(100)
  await kit.job.close()
})

it('cuts no epoch when nothing happened', async () => {
  const clock = new ManualClock()
  const kit = new JobKit({ clock, checkpointIntervalMs: 100 })
  await kit.job.start()
  await clock.pass(1000)
  // The first one says where the partition starts.
  expect(kit.storage.appended).toEqual([1])
  await kit.job.close()
})

it('can be closed while a sink that failed has not flushed', async () => {
  const kit = new JobKit()
  kit.sink.flush = () => new Promise(() => undefined)
  await kit.job.start()
  const checkpoint = expect(kit.job.checkpoints.checkpoint()).rejects.toMatchObject({
    code: 'SF_ENGINE_NOT_RUNNING',
  })
  await new Promise((resolve) => setImmediate(resolve))
  kit.job.fail(new StatefunError('SF_TEST', 'gone'))
  await kit.job.close()
  await checkpoint
  expect(kit.storage.appended).toEqual([])
  expect(kit.storage.calls).toEqual(['open', 'close'])
})

/** Gives a job's storage a reader, and a place to copy to; the frames come when the gate opens. */
function copies(kit: JobKit) {
  const copying = new Gate()
  const entry = { firstEpoch: 1, validFrom: 1, bytes: 0, name: undefined, time: undefined }
  const reader: CheckpointReader = {
    list: async () => ({
      ...{ identity: kit.storage.identity, savepoint: false, snapshots: [entry], logs: [], newestTime: 0 },
      newestEpoch: kit.storage.appended.at(-1)!,
    }),
    async *frames() {
      await copying.passed
      yield* []
    },
  }
  Object.assign(kit.storage, { reader: () => reader })
  const calls: string[] = []
  const place: CheckpointPlace = {
    url: 'test',
    storage: () => expect.unreachable(),
    reader: () => expect.unreachable(),
    create: async ({ savepoint, firstEpoch }) => {
      calls.push(`create ${savepoint} ${firstEpoch}`)
      return {
        write: async () => undefined,
        finish: async () => void calls.push('finish'),
        abort: async () => void calls.push('abort'),
      }
    },
    close: async () => undefined,
  }
  return { copying, calls, place }
}

it('writes no base snapshot while a savepoint is copied, and goes on with its work', async () => {
  const kit = new JobKit({ compactAfterBytes: 1 })
  const { copying, calls, place } = copies(kit)
  await kit.job.start()
  const savepoint = kit.job.savepoint(place)
  await expect.poll(() => calls, { interval: 1 }).toEqual(['create true 1'])
  kit.storage.logBytes = 100
  await kit.job.checkpoints.checkpoint()
  await kit.job.checkpoints.checkpoint()
  expect(kit.storage.appended).toEqual([1, 2, 3])
  expect(kit.storage.calls).toEqual(['open'])
  copying.open()
  expect(await savepoint).toEqual({ app: 'test', epoch: 1, bytes: 0 })
  expect(calls).toEqual(['create true 1', 'finish'])
  await kit.job.checkpoints.checkpoint()
  expect(kit.storage.calls).toEqual(['open', 'base 4'])
  await kit.job.close()
})

it('copies up to an epoch that notes what its egresses have published', async () => {
  const sink = new StubTransactionalSink(undefined, 'test/out')
  const kit = new JobKit({ sinks: [sink] })
  const { copying, place } = copies(kit)
  await kit.job.start()
  kit.source.send('a', '1')
  await expect.poll(() => kit.calls.length, { interval: 1 }).toBe(1)
  const emit = [{ egressNamespace: 'test', egressType: 'out', argument: text('x') }]
  kit.calls[0]!.answer(response({ emit }))
  await new Promise((resolve) => setImmediate(resolve))
  copying.open()
  expect(await kit.job.savepoint(place)).toMatchObject({ epoch: 2 })
  expect(sink.target.texts).toEqual(['x'])
  expect(kit.job.outboxes[0]!.published).toBe(2)
  expect(kit.job.outboxes[0]!.settledAtCut).toBe(true)
  await kit.job.close()
})

it('takes no savepoint of a storage that cannot be read', async () => {
  const kit = new JobKit()
  await kit.job.start()
  await expect(kit.job.savepoint({} as CheckpointPlace)).rejects.toMatchObject({
    code: 'SF_SAVEPOINT_UNSUPPORTED',
  })
  await kit.job.close()
})
