import { describe, expect, it } from 'vitest'
import type { SourceListener, SourcePartition } from '../connector/source.ts'
import { listPartition, response } from '../core/testing/core-harness.ts'
import type { Transport } from '../transport/transport.ts'
import { JobKit, StubSource } from './testing/job-kit.ts'
import { ManualClock } from './testing/manual-clock.ts'

const RECORD_MS = 0.001
const CALL_MS = 0.01

/** Time that passes with the work that is done, and the longest turn. */
class WorkClock extends ManualClock {
  worked = 0
  longest = 0

  override monotonic(): number {
    return this.worked
  }

  override soon(callback: () => void): void {
    super.soon(() => {
      const began = this.worked
      callback()
      this.longest = Math.max(this.longest, this.worked - began)
    })
  }
}

class ManyPartitions extends StubSource {
  readonly all: readonly SourcePartition[]
  readonly taken = new Map<string, number>()

  constructor(partitions: number, records: number, worked: () => void) {
    super()
    const list = Array.from({ length: records }, (_, i) => [`key-${i}`, 'x'] as const)
    this.all = Array.from({ length: partitions }, (_, i) => {
      const name = `topic/${i}`
      const partition = listPartition(name, list, ['fn'])
      return {
        ...partition,
        next: () => {
          worked()
          const more = partition.next()
          if (more) this.taken.set(name, (this.taken.get(name) ?? 0) + 1)
          return more
        },
      }
    })
  }

  override async start(listener: SourceListener): Promise<void> {
    for (const partition of this.all) listener.added(partition)
    for (const partition of this.all) listener.ready(partition)
  }
}

describe('a turn of a job', () => {
  it('makes way for I/O after some milliseconds, however many partitions have records', async () => {
    const clock = new WorkClock()
    let calls = 0
    const transport: Transport = {
      concurrency: Number.POSITIVE_INFINITY,
      invoke: () => {
        calls++
        clock.worked += CALL_MS
        return response({})
      },
      close: async () => undefined,
    }
    const source = new ManyPartitions(50, 1000, () => {
      clock.worked += RECORD_MS
    })
    const kit = new JobKit({
      clock,
      sources: [source],
      transportFor: () => transport,
      maxPendingMessages: 100_000,
    })
    await kit.job.start()
    await expect.poll(() => [...source.taken.values()].reduce((sum, count) => sum + count, 0)).toBe(50_000)
    await expect.poll(() => kit.job.core.idle).toBe(true)
    expect(calls).toBeGreaterThan(0)
    // The time it has, a partition's records, and the calls between two looks at the time.
    expect(clock.longest).toBeLessThan(4 + 512 * RECORD_MS + 257 * CALL_MS)
    await kit.job.close()
  })

  it('gives each partition its share when there is never room for the records of all', async () => {
    const source = new ManyPartitions(4, 100_000, () => undefined)
    const kit = new JobKit({ sources: [source], maxPendingMessages: 512, maxInFlight: 1_000_000 })
    await kit.job.start()
    for (let i = 0; i < 8; i++) {
      const waiting = kit.calls.splice(0)
      for (const call of waiting) call.answer(response({}))
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    expect([...source.taken.keys()].sort()).toEqual(['topic/0', 'topic/1', 'topic/2', 'topic/3'])
    await kit.job.close()
  })
})
