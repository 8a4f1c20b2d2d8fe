/** Parts that grow each for itself, a few thousand entries at a time. */
const PARTS = 1024
const SMALLEST = 8

/**
 * Finds slots by a hash of 64 bits. Whether a slot is the one that is meant says its record, not the hash.
 *
 * Open addressing with linear probing: an entry is the lower half of the hash and the slot plus one. The upper half says
 * which part an entry is in.
 */
export class SlotIndex {
  readonly #parts = new Array<Uint32Array | undefined>(PARTS).fill(undefined)
  readonly #counts = new Uint32Array(PARTS)
  readonly #isMeant: (slot: number) => boolean

  /** @param isMeant whether a slot has the key that is being looked for; only asked during the call of a method */
  constructor(isMeant: (slot: number) => boolean) {
    this.#isMeant = isMeant
  }

  /** The slot with the key, -1 when there is none. */
  find(high: number, low: number): number {
    const table = this.#parts[high & (PARTS - 1)]
    if (table === undefined) return -1
    const at = this.#seek(table, low)
    return table[at + 1]! - 1
  }

  /** Sets the slot of the key, in place of the one that it had. */
  set(high: number, low: number, slot: number): void {
    const part = high & (PARTS - 1)
    let table = this.#parts[part]
    if (table === undefined) {
      table = new Uint32Array(SMALLEST * 2)
      this.#parts[part] = table
    }
    const at = this.#seek(table, low)
    const isNew = table[at + 1] === 0
    table[at] = low
    table[at + 1] = slot + 1
    if (!isNew) return
    const count = ++this.#counts[part]!
    if (count * 8 > table.length * 3) this.#resize(part, table, table.length * 2)
  }

  /** Removes the entry of this very slot; nothing happens when the key has another one. */
  delete(high: number, low: number, slot: number): void {
    const part = high & (PARTS - 1)
    const table = this.#parts[part]
    if (table === undefined) return
    const mask = table.length - 1
    let at = (low * 2) & mask
    while (table[at] !== low || table[at + 1] !== slot + 1) {
      if (table[at + 1] === 0) return
      at = (at + 2) & mask
    }
    close(table, at)
    const count = --this.#counts[part]!
    if (count === 0) this.#parts[part] = undefined
    else if (table.length > SMALLEST * 2 && count * 16 < table.length)
      this.#resize(part, table, table.length / 2)
  }

  /** Where the key is, or would be. */
  #seek(table: Uint32Array, low: number): number {
    const mask = table.length - 1
    let at = (low * 2) & mask
    while (table[at + 1] !== 0 && (table[at] !== low || !this.#isMeant(table[at + 1]! - 1))) {
      at = (at + 2) & mask
    }
    return at
  }

  #resize(part: number, from: Uint32Array, length: number): void {
    const table = new Uint32Array(length)
    const mask = length - 1
    for (let i = 0; i < from.length; i += 2) {
      if (from[i + 1] === 0) continue
      let at = (from[i]! * 2) & mask
      while (table[at + 1] !== 0) at = (at + 2) & mask
      table[at] = from[i]!
      table[at + 1] = from[i + 1]!
    }
    this.#parts[part] = table
  }
}

/** Empties a place and moves up what would not be found across the gap. */
function close(table: Uint32Array, from: number): void {
  const mask = table.length - 1
  let gap = from
  let at = from
  for (;;) {
    at = (at + 2) & mask
    if (table[at + 1] === 0) break
    const home = (table[at]! * 2) & mask
    // Entries whose home lies behind the gap are found without passing it.
    if (((at - home) & mask) < ((at - gap) & mask)) continue
    table[gap] = table[at]!
    table[gap + 1] = table[at + 1]!
    gap = at
  }
  table[gap + 1] = 0
}
