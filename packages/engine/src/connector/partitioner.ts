/**
 * Partition that Java's default partitioner chooses for a key: murmur2 of its bytes, made positive, modulo the count.
 *
 * @param start where the key begins within `bytes`
 * @param end where it ends, exclusive
 */
export function partitionForKey(bytes: Uint8Array, start: number, end: number, partitions: number): number {
  return (murmur2(bytes, start, end) & 0x7fff_ffff) % partitions
}

/** Kafka's murmur2 (seed 0x9747b28c) of a range of bytes, as a signed 32-bit number. */
export function murmur2(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const m = 0x5bd1e995
  const length = end - start
  let h = 0x9747b28c ^ length
  let i = start
  for (const whole = start + (length & ~3); i < whole; i += 4) {
    let k = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    k = Math.imul(k, m)
    k ^= k >>> 24
    h = Math.imul(h, m) ^ Math.imul(k, m)
  }
  const rest = length & 3
  if (rest > 0) {
    if (rest === 3) h ^= bytes[i + 2]! << 16
    if (rest >= 2) h ^= bytes[i + 1]! << 8
    h = Math.imul(h ^ bytes[i]!, m)
  }
  h = Math.imul(h ^ (h >>> 13), m)
  return h ^ (h >>> 15)
}
