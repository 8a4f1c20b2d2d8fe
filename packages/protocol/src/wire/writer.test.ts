import { expect, test } from 'vitest'
import { fromUtf8, toUtf8 } from './utf8.ts'

/** Around what shares a block, what fills one, and what outgrows every buffer that is kept. */
const LENGTHS = [0, 1, 60, 4_095, 4_096, 4_097, 16_384, 16_385, 40_000, 5_000_000, 40_000]

test('a finished message stays as it is while others are written', () => {
  const texts = LENGTHS.concat(
    LENGTHS,
    Array.from({ length: 600 }, (_, index) => index),
  ).map((length, index) => String.fromCharCode(97 + (index % 26)).repeat(length))
  const messages = texts.map(toUtf8)
  expect(messages.map((message) => message.length)).toEqual(texts.map((text) => text.length))
  expect(messages.every((message, index) => fromUtf8(message) === texts[index])).toBe(true)
})

test('who keeps one message does not keep much more', () => {
  for (const length of LENGTHS) {
    const message = toUtf8('x'.repeat(length))
    expect(message.buffer.byteLength).toBeLessThanOrEqual(Math.max(16_384, length))
  }
})
