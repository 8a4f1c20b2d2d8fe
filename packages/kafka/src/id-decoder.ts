const SLOTS = 1 << 16

/**
 * Turns record keys into instance ids (UTF-8, malformed bytes become U+FFFD; contract 6). Equal keys mostly give the same
 * string instance, so that looking it up in a map does not hash it again.
 */
export class IdDecoder {
  readonly #slots: (string | undefined)[] = new Array(SLOTS).fill(undefined)

  decode(bytes: Buffer, start: number, end: number): string {
    const length = end - start
    let hash = length
    let seen = 0
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!
      seen |= byte
      hash = (Math.imul(hash, 31) + byte) | 0
    }
    if (seen > 0x7f) return bytes.toString('utf8', start, end)
    const slot = (hash ^ (hash >>> 16)) & (SLOTS - 1)
    const cached = this.#slots[slot]
    if (cached !== undefined && cached.length === length && equals(cached, bytes, start)) return cached
    const id = bytes.toString('latin1', start, end)
    // Long ids are kept out so that the memory of the cache stays below some megabytes.
    if (length <= 64) this.#slots[slot] = id
    return id
  }
}

function equals(text: string, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false
  return true
}
