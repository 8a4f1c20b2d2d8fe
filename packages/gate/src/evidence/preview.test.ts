import { expect, test } from 'vitest'
import { preview, shortPreview } from './preview.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('bytes are shown as text where they are text, and in hexadecimal where they are not', () => {
  expect(preview(bytes('grüße'))).toEqual({ bytes: 7, utf8: 'grüße' })
  expect(preview(Uint8Array.of(0x0a, 0xff))).toEqual({ bytes: 2, hex: '0aff' })
  expect(preview(Uint8Array.of(0x61, 0))).toEqual({ bytes: 2, utf8: 'a\u0000', hex: '6100' })
  expect(preview(null)).toBeNull()
  expect(preview(new Uint8Array())).toEqual({ bytes: 0, utf8: '' })
  expect(preview(bytes('x'.repeat(9000)))?.utf8).toHaveLength(2048)
})

test.each([
  [null, 'null'],
  [new Uint8Array(), '""'],
  [bytes('text'), 'text'],
  [Uint8Array.of(1, 2, 0xff), '0x0102ff'],
  [bytes('x'.repeat(11)), `${'x'.repeat(10)}… (11 bytes)`],
  [new Uint8Array(20).fill(0xff), '0xffffffffff… (20 bytes)'],
])('%j is %s in a table', (value, text) => {
  expect(shortPreview(value, 10)).toBe(text)
})
