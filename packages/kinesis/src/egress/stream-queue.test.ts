import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OutgoingRecord } from './outgoing-record.ts'
import { StreamQueue } from './stream-queue.ts'

function record(partitionKey: string, bytes = 1): OutgoingRecord {
  return {
    partitionKey,
    explicitHashKey: undefined,
    data: new Uint8Array(),
    bytes,
    sender: undefined,
    writtenAt: 0,
    generation: { open: 1 },
    failures: 0,
  }
}

describe('queue of a stream', () => {
  it('gives one record of a key at a time, those of different keys together', () => {
    const queue = new StreamQueue({ records: 10, bytes: 100 })
    const [a1, a2, b1] = [record('a'), record('a'), record('b')]
    for (const each of [a1, a2, b1]) queue.add(each)
    expect(queue.take()).toEqual([a1, b1])
    expect(queue.take()).toEqual([])
    queue.delivered(a1)
    expect(queue.take()).toEqual([a2])
    queue.delivered(b1)
    queue.delivered(a2)
    expect(queue.empty).toBe(true)
  })

  it('holds a key back until its record may go again', () => {
    const queue = new StreamQueue({ records: 10, bytes: 100 })
    const [a1, a2, b1] = [record('a'), record('a'), record('b')]
    queue.add(a1)
    queue.add(a2)
    expect(queue.take()).toEqual([a1])
    queue.add(b1)
    expect(queue.take()).toEqual([b1])
    queue.again(a1)
    expect(queue.take()).toEqual([a1])
  })

  it('keeps to the limits, and lets a record that is above them go alone', () => {
    const queue = new StreamQueue({ records: 2, bytes: 100 })
    const records = [
      record('a', 60),
      record('b', 60),
      record('c', 200),
      record('d'),
      record('e'),
      record('f'),
    ]
    for (const each of records) queue.add(each)
    expect(queue.full).toBe(true)
    const sizes = []
    while (queue.ready) sizes.push(queue.take().map(({ bytes }) => bytes))
    expect(sizes).toEqual([[60], [60], [200], [1, 1], [1]])
  })

  it('loses nothing, keeps the order per key and the limits under random failures', () => {
    const written = fc.record({ key: fc.nat({ max: 6 }), bytes: fc.integer({ min: 1, max: 40 }) })
    const limits = fc.record({
      records: fc.integer({ min: 1, max: 8 }),
      bytes: fc.integer({ min: 1, max: 100 }),
    })
    fc.assert(
      fc.property(
        limits,
        fc.array(written, { maxLength: 60 }),
        fc.infiniteStream(fc.nat()),
        (limits, writes, dice) => {
          const roll = (below: number) => dice.next().value % below
          const queue = new StreamQueue(limits)
          const expected = new Map<string, OutgoingRecord[]>()
          const delivered = new Map<string, OutgoingRecord[]>()
          const underway: OutgoingRecord[][] = []
          const waiting: OutgoingRecord[] = []
          const pending = writes.map(({ key, bytes }) => record(`${key}`, bytes))
          const steps = [
            () => {
              const next = pending.shift()
              if (next === undefined) return
              expected.set(next.partitionKey, [...(expected.get(next.partitionKey) ?? []), next])
              queue.add(next)
            },
            () => {
              const batch = queue.take()
              if (batch.length === 0) return
              expect(batch.length).toBeLessThanOrEqual(limits.records)
              const bytes = batch.reduce((sum, each) => sum + each.bytes, 0)
              if (batch.length > 1) expect(bytes).toBeLessThanOrEqual(limits.bytes)
              underway.push(batch)
              const busy = [...underway.flat(), ...waiting].map(({ partitionKey }) => partitionKey)
              expect(new Set(busy).size).toBe(busy.length)
            },
            () => {
              for (const each of underway.splice(roll(Math.max(1, underway.length)), 1).flat()) {
                if (roll(3) === 0) {
                  waiting.push(each)
                  continue
                }
                delivered.set(each.partitionKey, [...(delivered.get(each.partitionKey) ?? []), each])
                queue.delivered(each)
              }
            },
            () => {
              for (const each of waiting.splice(roll(Math.max(1, waiting.length)), 1)) queue.again(each)
            },
          ]
          while (pending.length > 0 || !queue.empty) steps[roll(steps.length)]!()
          expect(delivered).toEqual(expected)
          expect(queue.ready).toBe(false)
          expect(queue.full).toBe(false)
        },
      ),
      { numRuns: 300 },
    )
  })
})
