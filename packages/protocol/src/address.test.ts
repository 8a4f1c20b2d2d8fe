import { expect, test } from 'vitest'
import { formatAddress } from './address.ts'

test('an address is shown with its typename and its id, also an empty one', () => {
  expect(formatAddress({ namespace: 'example', type: 'counter', id: 'alice' })).toBe(
    'example/counter id [alice]',
  )
  expect(formatAddress({ namespace: 'example', type: 'counter', id: '' })).toBe('example/counter id []')
})
