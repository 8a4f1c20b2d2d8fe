import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Float64Pieces } from './pieces.ts'
import { TimerQueue } from './timer-queue.ts'

describe('the queue of delayed messages', () => {
  it('gives the order of a sorted list, also across the edges of its pieces', () => {
    const count = 150_000
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 }), fc.integer({ min: 1, max: 100_000 }), (seed, times) => {
        const sequences = new Float64Pieces()
        const queue = new TimerQueue(sequences)
        const list: { slot: number; due: number }[] = []
        let state = seed
        const random = () => {
          state = (Math.imul(state, 1103515245) + 12345) >>> 0
          return state >>> 8
        }
        for (let slot = 0; slot < count; slot++) {
          const due = random() % times
          sequences.push(slot)
          queue.add(slot, due)
          list.push({ slot, due })
        }
        const left = list.filter(({ slot }) => {
          if (random() % 3 !== 0) return true
          queue.remove(slot)
          return false
        })
        left.sort((a, b) => a.due - b.due || a.slot - b.slot)
        const differences = left.filter(({ slot, due }) => {
          const same = queue.first() === slot && queue.firstDue() === due && queue.has(slot)
          queue.remove(queue.first()!)
          return !same
        })
        expect(differences).toEqual([])
        expect(queue.size).toBe(0)
      }),
      { numRuns: 3 },
    )
  })
})
