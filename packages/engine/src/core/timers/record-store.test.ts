import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Uint32Pieces } from './pieces.ts'
import { RECORD_HEADER_BYTES, RecordStore } from './record-store.ts'

/** A store beside the sizes of what it holds; each record is full of a byte that tells whose it is. */
class Subject {
  readonly locations = new Uint32Pieces()
  readonly store = new RecordStore(this.locations)
  readonly sizes = new Map<number, number>()
  #next = 0

  put(bodyBytes: number): void {
    const slot = this.#next++
    const size = RECORD_HEADER_BYTES + bodyBytes
    this.locations.reserve(slot + 1)
    this.store.put(Buffer.alloc(size, slot & 0xff), size, slot)
    this.sizes.set(slot, size)
  }

  free(slot: number): void {
    this.store.free(this.locations.get(slot))
    this.sizes.delete(slot)
  }

  check(): void {
    let live = 0
    for (const [slot, size] of this.sizes) {
      const location = this.locations.get(slot)
      const body = this.store.offsetOf(location) + RECORD_HEADER_BYTES
      const bytes = this.store.bytesAt(location).subarray(body, body + size - RECORD_HEADER_BYTES)
      expect(this.store.sizeOf(location)).toBe(size)
      expect(Buffer.compare(bytes, Buffer.alloc(bytes.length, slot & 0xff))).toBe(0)
      live += Math.ceil(size / 8) * 8
    }
    expect(this.store.bytes.live).toBe(live)
  }
}

describe('records', () => {
  it('stay what they are wherever they move', () => {
    const step = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ put: fc.integer({ min: 0, max: 400_000 }), count: fc.nat({ max: 8 }) }),
      },
      { weight: 2, arbitrary: fc.record({ free: fc.nat(), every: fc.integer({ min: 1, max: 3 }) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const subject = new Subject()
        for (const step of steps) {
          if ('put' in step) for (let i = 0; i < step.count; i++) subject.put(step.put >> (i * 2))
          else
            for (const slot of [...subject.sizes.keys()])
              if ((slot + step.free) % step.every === 0) subject.free(slot)
          subject.check()
        }
      }),
      { numRuns: 30 },
    )
  })

  it('do not keep the room of those that are gone', () => {
    const subject = new Subject()
    const megabytes = () => subject.store.bytes.room / 2 ** 20
    for (let i = 0; i < 60_000; i++) subject.put(1000)
    expect(megabytes()).toBeLessThan(62)
    for (let i = 0; i < 60_000; i++) if (i % 4 !== 0) subject.free(i)
    // What is needed and a half of it, and what is tolerated or spare.
    expect(megabytes()).toBeLessThan(15 * 1.5 + 4 + 8 + 2)
    subject.check()
    for (const slot of [...subject.sizes.keys()]) subject.free(slot)
    expect(megabytes()).toBeLessThan(4 + 8 + 2)
    for (let i = 0; i < 1000; i++) subject.put(1000)
    subject.check()
  })
})
