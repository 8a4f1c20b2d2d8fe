import { describe, expect, it } from 'vitest'
import { murmur2, partitionForKey } from './partitioner.ts'

describe('partitioner', () => {
  // From Apache Kafka's own UtilsTest.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ])('hashes %s as Java does', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash)
  })

  it('hashes bytes above 127 without their sign, as Java does', () => {
    expect(murmur2(Buffer.from('abc'))).toBe(479470107)
    expect(murmur2(Buffer.from([0x61, 0x62, 0x63]))).toBe(479470107)
  })

  it('takes a range of a larger buffer and stays within the partitions', () => {
    const bytes = Buffer.from('xxfoobaryy')
    expect(partitionForKey(bytes, 2, 8, 7)).toBe((-790332482 & 0x7fff_ffff) % 7)
    for (let i = 0; i < 1000; i++) {
      const key = Buffer.from(`user-${i}`)
      expect(partitionForKey(key, 0, key.length, 5)).toBeGreaterThanOrEqual(0)
      expect(partitionForKey(key, 0, key.length, 5)).toBeLessThan(5)
    }
  })
})
