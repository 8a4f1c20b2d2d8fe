import { describe, expect, it } from 'vitest'
import { FetchSize } from './fetch-size.ts'
import { ShardPace } from './shard-pace.ts'

const AWS = { intervalMs: 200, bytesPerSecond: 2_000_000, idleFromMs: 250, idleToMs: 1000 }

describe('the pace of a shard', () => {
  it('keeps five calls a second and two megabytes', () => {
    const pace = new ShardPace(AWS)
    expect(pace.wait(1000)).toBe(0)
    pace.answered(1000, 1000, false)
    expect(pace.wait(1050)).toBe(150)
    pace.answered(2000, 1_000_000, false)
    expect(pace.wait(2000)).toBe(500)
  })

  it('asks an empty shard less and less, and one with records at once as usual', () => {
    const pace = new ShardPace(AWS)
    const waits = Array.from({ length: 20 }, () => {
      pace.answered(0, 0, true)
      return pace.wait(0)
    })
    expect(waits[0]).toBe(250)
    expect(waits.at(-1)).toBe(1000)
    expect(waits).toEqual([...waits].sort((a, b) => a - b))
    pace.answered(0, 1, true)
    expect(pace.wait(0)).toBe(200)
  })

  it('does not take an empty answer in the middle of a shard for its end', () => {
    const pace = new ShardPace(AWS)
    pace.answered(0, 0, false)
    expect(pace.wait(0)).toBe(200)
  })

  it('slows down while calls are refused, and recovers', () => {
    const pace = new ShardPace({ ...AWS, intervalMs: 0 })
    const refused = Array.from({ length: 12 }, () => {
      pace.throttled(0, 0)
      return pace.wait(0)
    })
    expect(refused.slice(0, 3)).toEqual([50, 100, 200])
    expect(refused.at(-1)).toBe(5000)
    for (let i = 0; i < 100; i++) pace.answered(0, 10, false)
    expect(pace.wait(0)).toBeLessThan(1)
  })
})

describe('the size of a fetch', () => {
  it('follows the size of the records', () => {
    const size = new FetchSize()
    expect(size.recordsFor(1024 * 1024)).toBe(1024)
    size.came(10, 10_000_000)
    expect(size.recordsFor(1024 * 1024)).toBe(1)
    for (let i = 0; i < 50; i++) size.came(100, 10_000)
    expect(size.recordsFor(1024 * 1024)).toBeGreaterThan(9_000)
    size.came(0, 0)
    for (let i = 0; i < 50; i++) size.came(100, 100)
    expect(size.recordsFor(1024 * 1024)).toBe(10_000)
  })
})
