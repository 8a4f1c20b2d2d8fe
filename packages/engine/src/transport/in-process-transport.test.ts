import type { FunctionResponse, InvocationBatch } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { response, text } from '../core/testing/core-harness.ts'
import { silentLogger } from '../logger.ts'
import { InProcessTransport } from './in-process-transport.ts'
import { VirtualClock } from './testing/virtual-clock.ts'

const BATCH: InvocationBatch = {
  target: { namespace: 'test', type: 'fn', id: 'a' },
  state: [],
  invocations: [{ caller: undefined, argument: text('1') }],
}
const DONE = response()

/** A transport on a clock that stands still, over a function that the test writes. */
function transportOf(
  invoke: (attempt: number) => FunctionResponse | Promise<FunctionResponse>,
  callMs = 1000,
) {
  const clock = new VirtualClock()
  const attempts: { milliseconds: number; failed: boolean }[] = []
  const warnings: object[] = []
  let calls = 0
  const transport = new InProcessTransport({
    fn: { typename: 'test/fn', invoke: () => invoke(++calls) },
    callMs,
    clock,
    observer: { attempt: (milliseconds, failed) => attempts.push({ milliseconds, failed }) },
    logger: { ...silentLogger, warn: (fields) => warnings.push(fields) },
  })
  return { transport, clock, attempts, warnings, calls: () => calls }
}

/** Lets promises that are settled be noticed. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('a function in this process', () => {
  it('that answers at once is answered at once, without a timer', () => {
    const { transport, clock } = transportOf(() => DONE)
    expect(transport.invoke(BATCH)).toBe(DONE)
    expect(clock.due).toEqual([])
  })

  it('that throws is called again with growing pauses until it answers', async () => {
    const kit = transportOf((attempt) => {
      if (attempt < 4) throw new Error(`attempt ${attempt}`)
      return DONE
    })
    const answer = kit.transport.invoke(BATCH)
    for (const pauseMs of [4, 8, 16]) {
      await settle()
      kit.clock.advance(pauseMs - 1)
      const before = kit.calls()
      kit.clock.advance(1)
      expect(kit.calls()).toBe(before + 1)
    }
    await expect(answer).resolves.toBe(DONE)
    expect(kit.attempts.map(({ failed }) => failed)).toEqual([true, true, true, false])
    expect(kit.warnings[0]).toMatchObject({ function: 'test/fn', id: 'a', batchSize: 1, attempt: 1 })
    expect(kit.warnings[0]).toHaveProperty('error', expect.stringContaining('attempt 1'))
  })

  it('that always fails is given up when its budget is used up, with the last reason', async () => {
    const kit = transportOf((attempt) => Promise.reject(new Error(`reason ${attempt}`)), 50)
    const answer = kit.transport.invoke(BATCH) as Promise<FunctionResponse>
    const refused = expect(answer).rejects.toMatchObject({
      code: 'SF_TRANSPORT_BUDGET_EXHAUSTED',
      where: 'test/fn id [a]',
      message: expect.stringMatching(/reason \d+$/),
    })
    for (let ms = 0; ms <= 60; ms++) {
      kit.clock.advance(1)
      await settle()
    }
    await refused
    const calls = kit.calls()
    kit.clock.advance(10_000)
    await settle()
    expect(kit.calls()).toBe(calls)
    expect(kit.clock.due).toEqual([])
  })

  it('that never settles is given up in time, and its late answer is ignored', async () => {
    const late = Promise.withResolvers<FunctionResponse>()
    const kit = transportOf(() => late.promise, 50)
    const answer = kit.transport.invoke(BATCH) as Promise<FunctionResponse>
    const refused = expect(answer).rejects.toMatchObject({
      message: expect.stringContaining('did not settle'),
    })
    kit.clock.advance(50)
    await refused
    late.resolve(DONE)
    await settle()
    await expect(answer).rejects.toMatchObject({ code: 'SF_TRANSPORT_BUDGET_EXHAUSTED' })
  })

  it('is not called any more once the transport is closed; open calls end', async () => {
    const kit = transportOf(() => Promise.reject(new Error('always')))
    const answer = kit.transport.invoke(BATCH) as Promise<FunctionResponse>
    const refused = expect(answer).rejects.toMatchObject({ code: 'SF_TRANSPORT_CLOSED', where: 'test/fn' })
    await settle()
    await kit.transport.close()
    await refused
    kit.clock.advance(10_000)
    expect(kit.calls()).toBe(1)
    expect(kit.clock.due).toEqual([])
  })

  it('that throws something other than an error is reported all the same', async () => {
    const kit = transportOf(() => Promise.reject('just text'), 1)
    const answer = kit.transport.invoke(BATCH) as Promise<FunctionResponse>
    await expect(answer).rejects.toMatchObject({ message: expect.stringContaining('just text') })
  })
})
