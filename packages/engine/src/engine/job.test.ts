import { setTimeout as sleep } from 'node:timers/promises'
import { StatefunError } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { response, text, texts } from '../core/testing/core-harness.ts'
import { Gate, JobKit } from './testing/job-kit.ts'
import { StubTransactionalSink } from './testing/stub-transactional-sink.ts'

const boom = new StatefunError('SF_TEST', 'boom')
const emits = (value: string) =>
  response({ emit: [{ egressNamespace: 'test', egressType: 'out', argument: text(value) }] })

/** A job with one call under way. */
async function withCall(kit: JobKit): Promise<JobKit> {
  await kit.job.start()
  kit.source.send('a', '1')
  await expect.poll(() => kit.calls.length, { interval: 1 }).toBe(1)
  return kit
}

describe('a job that is closed while it starts', () => {
  it.each([
    ['the checkpoint folder is opened', 'opening'],
    ['the checkpoint is read', 'recovering'],
    ['a sink connects', 'connecting'],
  ] as const)('starts nothing afterwards, and gives the folder back: %s', async (_what, step) => {
    const kit = new JobKit()
    const gate = new Gate()
    if (step === 'connecting') kit.sink.starting = gate.passed
    else kit.storage[step] = gate.passed
    const started = kit.job.start()
    const ended = expect(started).rejects.toMatchObject({ code: 'SF_ENGINE_NOT_RUNNING' })
    await sleep(1)
    const closed = kit.job.close()
    gate.open()
    await closed
    await ended
    expect(kit.source.listener).toBeUndefined()
    expect(kit.job.running).toBe(false)
    expect(kit.storage.calls).toEqual(['open', 'close'])
  })

  it('takes no input when a source was starting', async () => {
    const kit = new JobKit()
    const gate = new Gate()
    kit.source.starting = gate.passed
    kit.source.records.push(['a', '1'])
    const ended = expect(kit.job.start()).rejects.toMatchObject({ code: 'SF_ENGINE_NOT_RUNNING' })
    await sleep(1)
    const calls = kit.calls.length
    const closed = kit.job.close()
    kit.source.send('b', '2')
    gate.open()
    await Promise.all([closed, ended])
    expect(kit.calls).toHaveLength(calls)
    expect(kit.source.stops).toBe(1)
  })
})

describe('a job with an exactly-once egress', () => {
  it('publishes nothing before the epoch is in the log, and the log nothing that is published notes twice', async () => {
    const sink = new StubTransactionalSink(undefined, 'test/out')
    const kit = await withCall(new JobKit({ sinks: [sink] }))
    const gate = new Gate()
    kit.storage.appending = () => gate.passed
    kit.calls[0]!.answer(emits('x'))
    await sleep(1)
    const checkpoint = kit.job.checkpoints.checkpoint()
    await sleep(5)
    expect(sink.target.texts).toEqual([])
    gate.open()
    await checkpoint
    await expect.poll(() => sink.target.texts, { interval: 1 }).toEqual(['x'])
    await kit.job.stop(1000)
    expect(sink.target.texts).toEqual(['x'])
    expect(kit.storage.appended).toEqual([1, 2])
  })

  it('publishes the last epoch before it stops, and notes that in one epoch more', async () => {
    const sink = new StubTransactionalSink(undefined, 'test/out')
    const kit = await withCall(new JobKit({ sinks: [sink] }))
    kit.calls[0]!.answer(emits('x'))
    await kit.job.stop(1000)
    expect(sink.target.texts).toEqual(['x'])
    expect(kit.storage.appended).toEqual([1, 2])
    expect(sink.stops).toBe(1)
  })

  it('stops in time when its target is away: the records stay in the checkpoint', async () => {
    const sink = new StubTransactionalSink(undefined, 'test/out')
    const kit = await withCall(new JobKit({ sinks: [sink] }))
    kit.calls[0]!.answer(emits('x'))
    sink.publishing = () => new Promise(() => undefined)
    await kit.job.stop(20)
    expect(sink.target.texts).toEqual([])
    expect(kit.storage.appended[0]).toBe(1)
  })

  it('keeps the log until what it holds is published', async () => {
    const sink = new StubTransactionalSink(undefined, 'test/out')
    const kit = await withCall(new JobKit({ sinks: [sink], compactAfterBytes: 1 }))
    kit.calls[0]!.answer(emits('x'))
    await sleep(1)
    const gate = new Gate()
    sink.publishing = () => gate.passed
    kit.storage.logBytes = 100
    await kit.job.checkpoints.checkpoint()
    await sleep(10)
    expect(kit.storage.calls).toEqual(['open', 'base 1'])
    gate.open()
    await expect.poll(() => kit.storage.calls, { interval: 1 }).toContain('publish')
    await kit.job.close()
  })
})

describe('a job that has failed', () => {
  it('never makes durable what it held then, not even in a checkpoint that had begun', async () => {
    const kit = await withCall(new JobKit({ compactAfterBytes: 1 }))
    const gate = new Gate()
    kit.storage.logBytes = 100
    kit.storage.beginningBase = gate.passed
    const checkpoint = expect(kit.job.checkpoints.checkpoint()).rejects.toMatchObject({
      code: 'SF_ENGINE_NOT_RUNNING',
    })
    await sleep(1)
    // The answer is refused in the middle: its message was delivered, its call is no longer under way.
    const target = { namespace: 'test', type: 'fn', id: 'b' }
    kit.calls[0]!.answer(
      response({
        send: [{ target, argument: text('half') }],
        state: [{ stateName: 'never declared', value: text('x') }],
      }),
    )
    expect(await kit.job.failure).toMatchObject({ code: 'SF_STATE_UNDECLARED' })
    gate.open()
    await checkpoint
    await kit.job.close()
    expect(kit.storage.appended).toEqual([])
    expect(kit.storage.calls).toContain('abort')
  })

  it('applies no answers and starts no calls any more', async () => {
    const kit = await withCall(new JobKit())
    kit.source.send('b', '2')
    await expect.poll(() => kit.calls.length, { interval: 1 }).toBe(2)
    kit.calls[0]!.fail(boom)
    await kit.job.failure
    kit.calls[1]!.answer(emits('late'))
    kit.source.send('c', '3')
    await sleep(5)
    expect(kit.sink.written).toEqual([])
    expect(kit.calls).toHaveLength(2)
    expect(kit.job.running).toBe(false)
    await kit.job.close()
  })

  it('names the first reason', async () => {
    const kit = await withCall(new JobKit())
    kit.sink.listener!.failed(boom)
    kit.job.fail(new Error('later'))
    expect(await kit.job.failure).toBe(boom)
    await kit.job.close()
  })

  it('because of a target that nothing serves, says so', async () => {
    const kit = new JobKit({}, ['nobody'])
    kit.source.records.push(['a', '1'])
    kit.job.start().catch(() => undefined)
    expect(await kit.job.failure).toMatchObject({ code: 'SF_FUNCTION_UNKNOWN', where: 'ingress test/in' })
    await kit.job.close()
  })
})

describe('a checkpoint that cannot be written', () => {
  it('ends the job, and no later epoch follows the one that is missing', async () => {
    const kit = await withCall(new JobKit({ checkpointIntervalMs: 5 }))
    await kit.job.checkpoints.checkpoint()
    kit.storage.appending = () => Promise.reject(new Error('disk full'))
    const written = [...kit.storage.appended]
    // As the admin API asks for one: whoever asks gets the error, and the job ends nevertheless.
    await expect(kit.job.checkpoints.checkpoint()).rejects.toMatchObject({
      message: expect.stringContaining('disk full'),
    })
    expect((await kit.job.failure).message).toContain('disk full')
    await expect(kit.job.checkpoints.checkpoint()).rejects.toMatchObject({
      message: expect.stringContaining('disk full'),
    })
    await sleep(20)
    await kit.job.close()
    expect(kit.storage.appended).toEqual(written)
  })

  it('ends the job also when a base snapshot asked for it', async () => {
    const kit = await withCall(new JobKit({ compactAfterBytes: 1 }))
    kit.storage.logBytes = 100
    kit.storage.appending = async (epoch) => {
      if (epoch === 2) throw new Error('disk full')
    }
    await kit.job.checkpoints.checkpoint()
    expect((await kit.job.failure).message).toContain('disk full')
    await kit.job.close()
    expect(kit.storage.appended).toEqual([1])
    expect(kit.storage.calls).toEqual(['open', 'base 1', 'abort', 'close'])
  })

  it('is reported by a stop', async () => {
    const kit = await withCall(new JobKit())
    kit.calls[0]!.answer(response())
    kit.storage.appending = () => Promise.reject(new Error('disk full'))
    await expect(kit.job.stop(1000)).rejects.toMatchObject({ message: expect.stringContaining('disk full') })
    expect(kit.storage.calls.at(-1)).toBe('close')
  })
})

describe('a cut', () => {
  it('that a function asks for while it runs does not lose its own call', async () => {
    let asked: Promise<void> | undefined
    const kit: JobKit = new JobKit({
      transportFor: () => ({
        concurrency: 1,
        invoke: () => {
          asked ??= kit.job.checkpoints.checkpoint()
          return emits('done')
        },
        close: async () => undefined,
      }),
    })
    await kit.job.start()
    const seal = kit.job.core.seal.bind(kit.job.core)
    const underWay: number[] = []
    kit.job.core.seal = (time) => {
      underWay.push(kit.job.core.pendingMessages)
      return seal(time)
    }
    kit.source.send('a', '1')
    await expect.poll(() => asked !== undefined, { interval: 1 }).toBe(true)
    await asked
    expect(underWay).toEqual([0])
    await kit.job.close()
  })
})

describe('messages that wait', () => {
  it.each([{ maxPendingMessages: 5 }, { maxPendingBytes: 100 }])('stop the input at %o', async (limit) => {
    const kit = new JobKit(limit)
    for (let i = 0; i < 2000; i++) kit.source.records.push([`id-${i}`, 'more than nothing'])
    await kit.job.start()
    await expect.poll(() => kit.calls.length, { interval: 1 }).toBe(100)
    await sleep(5)
    // What is taken in one go.
    expect(kit.job.core.pendingMessages).toBe(512)
    await kit.job.close()
  })
})

it('keeps the position of a partition until its source removes it, also when no source has named it', async () => {
  const kit = new JobKit()
  await kit.job.start()
  kit.job.core.unclaimed.push({ ingress: 'test/in', partition: 'ended/0', position: 'closed' })
  const held = () => kit.job.core.seal(0).positions.map(({ partition }) => partition)
  expect(held()).toEqual(['topic/0', 'ended/0'])
  kit.source.listener?.removed?.('ended/0')
  expect(held()).toEqual(['topic/0'])
  kit.source.listener?.removed?.('topic/0')
  expect(held()).toEqual([])
  await kit.job.close()
})

describe('delayed messages that are due, many at once', () => {
  it('wait until mailboxes have room for them, in order', async () => {
    const kit = await withCall(new JobKit({ maxPendingMessages: 5 }))
    const delayed = Array.from({ length: 30 }, (_, i) => ({
      kind: 'send' as const,
      delayMs: 0,
      target: { namespace: 'test', type: 'fn', id: `later-${i}` },
      argument: text('due at once'),
      token: undefined,
    }))
    kit.calls.shift()!.answer(response({ delayed }))
    await expect.poll(() => kit.calls.length, { interval: 1 }).toBe(10)
    await sleep(5)
    expect(kit.job.core.pendingMessages).toBe(10)
    expect(kit.job.core.timers.size).toBe(20)
    const delivered: string[] = []
    while (delivered.length < 30) {
      await expect.poll(() => kit.calls.length, { interval: 1 }).toBeGreaterThan(0)
      const call = kit.calls.shift()!
      delivered.push(call.batch.target.id)
      call.answer(response())
      await sleep(0)
      expect(kit.job.core.pendingMessages).toBeLessThanOrEqual(10)
    }
    expect(delivered).toEqual(delayed.map(({ target }) => target.id))
    await kit.job.close()
  })
})

describe('a job that stops', () => {
  it('lets a call finish, takes no more input, and leaves delayed messages to the next start', async () => {
    const kit = await withCall(new JobKit())
    kit.source.send('b', '2')
    await expect.poll(() => kit.calls.length, { interval: 1 }).toBe(2)
    const stopped = kit.job.stop(1000)
    kit.source.send('c', '3')
    const target = { namespace: 'test', type: 'fn', id: 'later' }
    const delayed = {
      kind: 'send',
      delayMs: 0,
      target,
      argument: text('due at once'),
      token: undefined,
    } as const
    kit.calls[0]!.answer(response({ delayed: [delayed] }))
    await sleep(5)
    kit.calls[1]!.answer(emits('finished'))
    await stopped
    expect(kit.sink.written).toEqual(['finished'])
    expect(kit.calls.flatMap(({ batch }) => texts(batch))).toEqual(['1', '2'])
    expect(kit.storage.appended).toEqual([1])
    expect(kit.job.core.timers.size).toBe(1)
  })

  it('does not emit what an answer after the last cut brings: the next start calls again', async () => {
    const kit = await withCall(new JobKit())
    const gate = new Gate()
    kit.storage.appending = () => gate.passed
    const stopped = kit.job.stop(1)
    await expect.poll(() => kit.job.core.epoch, { interval: 1 }).toBe(2)
    kit.calls[0]!.answer(emits('too late'))
    await sleep(2)
    gate.open()
    await stopped
    expect(kit.sink.written).toEqual([])
  })

  it('and fails meanwhile says so at once', async () => {
    const kit = await withCall(new JobKit())
    const began = performance.now()
    const stopped = kit.job.stop(10_000)
    kit.calls[0]!.fail(boom)
    await expect(stopped).rejects.toBe(boom)
    expect(performance.now() - began).toBeLessThan(5000)
    expect(kit.storage.appended).toEqual([])
    expect(kit.storage.calls.at(-1)).toBe('close')
  })
})
