import { StatefunError } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { OutboxValues } from '../checkpoint/outbox-values.ts'
import type { RestoredOutbox } from '../checkpoint/restore.ts'
import type { CheckpointIdentity } from '../checkpoint/storage.ts'
import { systemClock } from '../clock.ts'
import { text } from '../core/testing/core-harness.ts'
import { silentLogger } from '../logger.ts'
import { Outbox } from './outbox.ts'
import { Gate } from './testing/job-kit.ts'
import { StubTarget, StubTransactionalSink } from './testing/stub-transactional-sink.ts'

const identity: CheckpointIdentity = { app: 'test', lineage: 'mine', parent: undefined }

class Bench {
  readonly sink: StubTransactionalSink
  readonly outbox: Outbox
  readonly failures: StatefunError[] = []
  drained = 0
  advanced = 0

  constructor(target = new StubTarget()) {
    this.sink = new StubTransactionalSink(target)
    this.outbox = new Outbox({
      sink: this.sink,
      clock: systemClock,
      logger: silentLogger,
      listener: { drained: () => this.drained++, failed: (error) => this.failures.push(error) },
      advanced: () => this.advanced++,
    })
  }

  start(epoch = 0, restored?: RestoredOutbox, over: Partial<CheckpointIdentity> = {}): Promise<void> {
    return this.outbox.start(epoch, restored, { ...identity, ...over }, 'me')
  }

  /** An epoch with these records becomes durable. */
  epoch(epoch: number, ...texts: string[]): void {
    for (const value of texts) this.outbox.write(text(value))
    this.outbox.seal(epoch)
    this.outbox.durable(epoch)
  }
}

function restored(published: number, ...epochs: [epoch: number, ...texts: string[]][]): RestoredOutbox {
  return {
    published,
    unpublished: epochs.map(([epoch, ...texts]) => {
      const values = new OutboxValues()
      for (const value of texts) values.push(text(value).value)
      return { epoch, values: values.finish() }
    }),
  }
}

function targetAt(epoch: number, lineage = 'mine'): StubTarget {
  const target = new StubTarget()
  target.marker = { epoch, lineage, owner: 'someone' }
  return target
}

describe('the records of an exactly-once egress', () => {
  it('are published when their epoch is durable, not before', async () => {
    const bench = new Bench()
    await bench.start()
    bench.outbox.write(text('a'))
    const sealed = bench.outbox.seal(1)
    expect(sealed).toMatchObject({ egress: 'test/once', published: 0 })
    bench.outbox.write(text('b'))
    await bench.outbox.settled()
    expect(bench.sink.target.texts).toEqual([])
    bench.outbox.durable(1)
    await bench.outbox.settled()
    expect(bench.sink.target.texts).toEqual(['a'])
    expect(bench.outbox.seal(2)).toMatchObject({ published: 1 })
    bench.outbox.durable(2)
    await bench.outbox.settled()
    expect(bench.sink.target.texts).toEqual(['a', 'b'])
    expect(bench.outbox.pendingBytes).toBe(0)
  })

  it('of epochs that become durable meanwhile go together in the next transaction', async () => {
    const bench = new Bench()
    await bench.start()
    const gate = new Gate()
    bench.sink.publishing = () => gate.passed
    bench.epoch(1, 'a')
    bench.epoch(2, 'b')
    bench.epoch(3)
    bench.epoch(4, 'c')
    bench.sink.publishing = undefined
    gate.open()
    await bench.outbox.settled()
    expect(bench.sink.target.transactions).toEqual([
      { epoch: 0, texts: [] },
      { epoch: 1, texts: ['a'] },
      { epoch: 4, texts: ['b', 'c'] },
    ])
    expect(bench.outbox.published).toBe(4)
    expect(bench.advanced).toBe(2)
  })

  it('are not touched by those of later epochs, which take the memory of what is published', async () => {
    const bench = new Bench()
    await bench.start()
    const emitted: string[] = []
    let epoch = 0
    const emit = (count: number): void => {
      epoch++
      const texts = Array.from({ length: count }, (_, i) => `record ${i} of epoch ${epoch}`)
      emitted.push(...texts)
      bench.epoch(epoch, ...texts)
    }
    for (const count of [2, 900, 1, 3, 0, 2000, 5]) {
      const gate = new Gate()
      bench.sink.publishing = () => gate.passed
      emit(count)
      emit(3)
      gate.open()
      // One more in the open epoch while the others are published.
      bench.outbox.write(text('open'))
      emitted.push('open')
      await bench.outbox.settled()
    }
    emit(1)
    await bench.outbox.settled()
    expect(bench.sink.target.texts).toEqual(emitted)
    expect(bench.failures).toEqual([])
  })

  it('cost no transaction where there are none', async () => {
    const bench = new Bench()
    await bench.start()
    bench.epoch(1)
    bench.epoch(2)
    await bench.outbox.settled()
    expect(bench.sink.target.transactions).toEqual([{ epoch: 0, texts: [] }])
    expect(bench.outbox.published).toBe(2)
  })

  it('hold up the input once too many wait, until half of them are published', async () => {
    const bench = new Bench()
    await bench.start()
    const gate = new Gate()
    bench.sink.publishing = () => gate.passed
    bench.outbox.write(text('x'.repeat(900)))
    expect(bench.outbox.saturated).toBe(false)
    bench.outbox.write(text('x'.repeat(200)))
    expect(bench.outbox.saturated).toBe(true)
    bench.epoch(1)
    gate.open()
    await bench.outbox.settled()
    expect(bench.outbox.saturated).toBe(false)
    expect(bench.drained).toBe(1)
  })

  it('are checked when they are emitted', async () => {
    const bench = new Bench()
    await bench.start()
    expect(() => bench.outbox.write({ ...text('a'), typename: 'test/other' })).toThrow(
      'not of type test/other',
    )
    expect(bench.outbox.seal(1).values).toHaveLength(0)
  })

  it('end the job when they can never be published, and none is lost or tried again by this one', async () => {
    const bench = new Bench()
    await bench.start()
    bench.sink.publishing = () => Promise.reject(new StatefunError('SF_ENGINE_FENCED', 'another engine'))
    bench.epoch(1, 'a')
    await expect.poll(() => bench.failures).toMatchObject([{ code: 'SF_ENGINE_FENCED' }])
    bench.sink.publishing = undefined
    bench.epoch(2, 'b')
    await bench.outbox.settled()
    expect(bench.sink.target.texts).toEqual([])
  })

  it('do not keep a close waiting', async () => {
    const bench = new Bench()
    await bench.start()
    bench.sink.publishing = () => new Promise(() => undefined)
    bench.epoch(1, 'a')
    const settled = bench.outbox.settled()
    await bench.outbox.close()
    await settled
    expect(bench.sink.stops).toBe(1)
  })

  it('that wait for an epoch are waited for, not those that come after it', async () => {
    const bench = new Bench()
    await bench.start()
    const gates = [new Gate(), new Gate()]
    bench.sink.publishing = (epoch) => gates[epoch - 1]?.passed
    bench.epoch(1, 'a')
    const settled = bench.outbox.settled()
    bench.epoch(2, 'b')
    gates[0]!.open()
    await settled
    expect(bench.sink.target.texts).toEqual(['a'])
    gates[1]!.open()
    await bench.outbox.settled()
  })
})

describe('after a restart', () => {
  it('what the marker does not cover is published, in one transaction with the claim', async () => {
    const bench = new Bench(targetAt(6))
    await bench.start(8, restored(4, [5, 'a'], [6, 'b'], [7, 'c'], [8, 'd']))
    expect(bench.sink.target.transactions).toEqual([{ epoch: 8, texts: ['c', 'd'] }])
    expect(bench.sink.target.marker).toEqual({ epoch: 8, lineage: 'mine', owner: 'me' })
  })

  it('what was published is not published again, at the cost of a transaction only where the marker is of others', async () => {
    const bench = new Bench(targetAt(8))
    await bench.start(8, restored(4, [5, 'a']))
    expect(bench.sink.target.transactions).toEqual([])
    const others = new Bench(targetAt(8, 'other'))
    await others.start(2)
    expect(others.sink.target.transactions).toEqual([{ epoch: 2, texts: [] }])
    expect(others.sink.target.marker?.lineage).toBe('mine')
  })

  it('a checkpoint that is older than what was published is refused', async () => {
    const bench = new Bench(targetAt(9))
    await expect(bench.start(8, restored(8))).rejects.toMatchObject({ code: 'SF_EGRESS_AHEAD' })
    expect(bench.sink.target.transactions).toEqual([])
  })

  it('a marker that is gone matters only while records wait', async () => {
    const lost = new Bench()
    await expect(lost.start(8, restored(4, [5, 'a']))).rejects.toMatchObject({
      code: 'SF_EGRESS_MARKER_LOST',
    })
    const harmless = new Bench()
    await harmless.start(8, restored(8))
    expect(harmless.sink.target.marker).toMatchObject({ epoch: 8 })
  })

  it('a marker of another checkpoint is taken over, unless records wait', async () => {
    const bench = new Bench(targetAt(5000, 'other'))
    await bench.start()
    expect(bench.sink.target.marker).toEqual({ epoch: 0, lineage: 'mine', owner: 'me' })
    await expect(new Bench(targetAt(5000, 'other')).start(8, restored(4, [5, 'a']))).rejects.toMatchObject({
      code: 'SF_EGRESS_MARKER_LOST',
    })
  })

  it('a restored savepoint goes on where its origin was published, and publishes all when nobody knows', async () => {
    const parent = { lineage: 'origin', epoch: 8 }
    const known = new Bench(targetAt(7, 'origin'))
    await known.start(8, restored(4, [6, 'a'], [7, 'b'], [8, 'c']), { parent })
    expect(known.sink.target.texts).toEqual(['c'])
    const unknown = new Bench()
    await unknown.start(8, restored(4, [6, 'a'], [8, 'c']), { parent })
    expect(unknown.sink.target.texts).toEqual(['a', 'c'])
  })
})

it('tells everybody who waits that all is published, whenever they began', async () => {
  for (let moments = 0; moments < 12; moments++) {
    const bench = new Bench()
    await bench.start()
    bench.epoch(1, 'x')
    for (let left = moments; left > 0; left--) await undefined
    await bench.outbox.settled()
    expect(bench.outbox.published).toBe(1)
    await bench.outbox.close()
  }
})
