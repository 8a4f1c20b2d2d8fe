import { describe, expect, it } from 'vitest'
import { IdDecoder } from './id-decoder.ts'

const decode = (decoder: IdDecoder, bytes: Buffer) =>
  decoder.decode(Buffer.concat([Buffer.from('<'), bytes]), 1, bytes.length + 1)

describe('id decoder', () => {
  it.each(['', 'a', 'user-42', 'ключ', '鍵\u0000', '😀', 'x'.repeat(500)])('decodes %j', (text) => {
    const decoder = new IdDecoder()
    for (let i = 0; i < 3; i++) expect(decode(decoder, Buffer.from(text))).toBe(text)
  })

  it('turns malformed bytes into U+FFFD and keeps a byte order mark', () => {
    const decoder = new IdDecoder()
    expect(decode(decoder, Buffer.from([0x61, 0xff, 0x62]))).toBe('a\ufffdb')
    expect(decode(decoder, Buffer.from([0xe2, 0x82]))).toBe('\ufffd')
    expect(decode(decoder, Buffer.from([0xef, 0xbb, 0xbf, 0x61]))).toBe('\ufeffa')
  })

  it('never mixes up keys, however many there are', () => {
    const decoder = new IdDecoder()
    for (let i = 0; i < 300_000; i++) {
      const text = `${(i * 7919) % 100_000}-${i % 3}`
      if (decode(decoder, Buffer.from(text)) !== text) expect.fail(`wrong id for ${text}`)
    }
  })
})
