import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlotIndex } from './slot-index.ts'

describe('an index of slots', () => {
  it('finds what a map finds, however hashes collide', () => {
    const step = fc.record({
      kind: fc.constantFrom('set' as const, 'set' as const, 'delete' as const),
      key: fc.nat({ max: 200 }),
    })
    // Hashes of few values in few parts, also such that wrap around at the end of a table.
    const hashes = fc.record({
      highs: fc.integer({ min: 1, max: 3 }),
      lows: fc.constantFrom(1, 3, 7, 64, 4096),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400, size: 'max' }), hashes, (steps, { highs, lows }) => {
        const keys: number[] = []
        let wanted = 0
        const index = new SlotIndex((slot) => keys[slot] === wanted)
        const map = new Map<number, number>()
        const high = (key: number) => key % highs
        const low = (key: number) => (0xfffffffe + (key % lows)) >>> 0
        for (const { kind, key } of steps) {
          wanted = key
          if (kind === 'set') {
            keys.push(key)
            map.set(key, keys.length - 1)
            index.set(high(key), low(key), keys.length - 1)
          } else if (map.has(key)) {
            index.delete(high(key), low(key), map.get(key)!)
            map.delete(key)
          } else {
            index.delete(high(key), low(key), keys.length)
          }
        }
        for (wanted = 0; wanted <= 200; wanted++) {
          expect(index.find(high(wanted), low(wanted))).toBe(map.get(wanted) ?? -1)
        }
      }),
      { numRuns: 300 },
    )
  })
})
