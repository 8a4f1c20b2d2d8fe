import { expect, it } from 'vitest'
import { nearestName } from './nearest-name.ts'

it('finds a name that is a slip away and nothing else', () => {
  expect(nearestName('totl', ['count', 'total'])).toBe('total')
  expect(nearestName('TOTAL', ['count', 'total'])).toBe('total')
  expect(nearestName('visits', ['count', 'total'])).toBeUndefined()
  expect(nearestName('x', [])).toBeUndefined()
})
