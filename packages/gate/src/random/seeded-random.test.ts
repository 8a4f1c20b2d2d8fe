import { expect, it } from 'vitest'
import { seededRandom } from './seeded-random.ts'

const draws = (seed: number, purpose: string) => {
  const random = seededRandom(seed, purpose)
  return Array.from({ length: 200 }, () => random.between(10, 20))
}

it('draws the same for a seed and a purpose, and something else for another one', () => {
  expect(draws(1, 'engine-kill')).toEqual(draws(1, 'engine-kill'))
  expect(draws(1, 'engine-kill')).not.toEqual(draws(2, 'engine-kill'))
  expect(draws(1, 'engine-kill')).not.toEqual(draws(1, 'mixed'))
})

it('draws from the whole range', () => {
  const values = draws(1, 'range')
  expect(Math.min(...values)).toBeGreaterThanOrEqual(10)
  expect(Math.min(...values)).toBeLessThan(11)
  expect(Math.max(...values)).toBeLessThan(20)
  expect(Math.max(...values)).toBeGreaterThan(19)
  const random = seededRandom(1, 'choices')
  expect(new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c']))).size).toBe(3)
})
