import { expect, it } from 'vitest'
import { readable } from './readable.ts'

it.each([
  ['text', 'text'],
  ['', '""'],
  [null, 'null'],
  [undefined, 'null'],
  ['a\u001b[31mred\n', 'a\\u001b[31mred\\u000a'],
  [new TextEncoder().encode('grüße'), 'grüße'],
  [new Uint8Array([0x0a, 0xff]), '0x0aff'],
])('shows %j as %s', (value, expected) => {
  expect(readable(value)).toBe(expected)
})
