import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { OutgoingPartition } from './outgoing-partition.ts'
import { PartitionPauses } from './partition-pauses.ts'
import type { ProducerIdentity } from './producer-identity.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

function setUp() {
  const partition = new OutgoingPartition('t', 0, {
    identity: {} as ProducerIdentity,
    idempotent: false,
    transactional: false,
    compression: 'none',
    maxBatchBytes: 1000,
    opened: () => 1,
  })
  const seen: boolean[] = []
  const pauses = new PartitionPauses(() => seen.push(partition.blocked))
  return { partition, pauses, seen }
}

it('a pause is over when its timer fires, also where the clock is a little behind', () => {
  vi.spyOn(performance, 'now').mockReturnValue(1000)
  const { partition, pauses, seen } = setUp()
  pauses.begin(partition, 80.7)
  expect(partition.blocked).toBe(true)
  vi.advanceTimersByTime(81)
  expect(seen).toEqual([false])
})

it('a later pause replaces an earlier one', () => {
  const { partition, pauses, seen } = setUp()
  pauses.begin(partition, 50)
  pauses.begin(partition, 100)
  vi.advanceTimersByTime(99)
  expect(partition.blocked).toBe(true)
  vi.advanceTimersByTime(1)
  expect(seen).toEqual([false])
})

it('what is on hold waits for a pause to begin, and is not ended before', () => {
  const { partition, pauses, seen } = setUp()
  pauses.begin(partition, 50)
  pauses.hold(partition)
  pauses.end(partition)
  vi.advanceTimersByTime(1000)
  expect(partition.blocked).toBe(true)
  pauses.begin(partition, 50)
  pauses.end(partition)
  expect(partition.blocked).toBe(false)
  vi.advanceTimersByTime(1000)
  expect(seen).toEqual([])
})

it('nothing ends after a stop', () => {
  const { partition, pauses, seen } = setUp()
  pauses.begin(partition, 50)
  pauses.stop()
  vi.advanceTimersByTime(1000)
  expect(seen).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})
