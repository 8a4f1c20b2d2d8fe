const TABLE_BITS = 10
const SLOT_BITS = 31 - TABLE_BITS
const SLOT_RANGE = 2 ** SLOT_BITS
const SLOT_MASK = SLOT_RANGE - 1
const FIRST_CAPACITY = 16
const GROWTH = 1.5
const MAX_LOAD = 0.8

/** An entry is hash, segment, offset, length; a length of 0 is an empty slot. */
const WORDS = 4

/** Where a record is. */
export interface Location {
  segment: number
  offset: number
  /** Bytes of the record, at least 1. */
  length: number
}

/**
 * Where the record of each key is: 16 bytes an entry, outside of V8's heap. It knows hashes only, so several keys can have
 * the same one; which record is a key's own says the record.
 *
 * A thousand small open-addressing tables: one that grows moves a thousandth of all entries, which nobody notices.
 */
export class KeyIndex {
  readonly #tables: Uint32Array[] = []
  readonly #counts: Uint32Array = new Uint32Array(2 ** TABLE_BITS)
  size = 0

  constructor() {
    for (let i = 0; i < 2 ** TABLE_BITS; i++) this.#tables.push(new Uint32Array(FIRST_CAPACITY * WORDS))
  }

  /** Bytes of the tables. */
  get bytes(): number {
    return this.#tables.reduce((sum, table) => sum + table.byteLength, 0)
  }

  /** The `nth` (from 0) entry with this hash into `found`; false when there are not so many. */
  find(hash: number, nth: number, found: Location): boolean {
    const table = this.#tables[hash >>> SLOT_BITS]!
    let left = nth
    for (let at = home(hash, table); table[at + 3] !== 0; at = next(at, table)) {
      if (table[at] !== hash || left-- > 0) continue
      found.segment = table[at + 1]!
      found.offset = table[at + 2]!
      found.length = table[at + 3]!
      return true
    }
    return false
  }

  insert(hash: number, segment: number, offset: number, length: number): void {
    const number = hash >>> SLOT_BITS
    let table = this.#tables[number]!
    const count = ++this.#counts[number]!
    this.size++
    if (count * WORDS > table.length * MAX_LOAD) {
      table = grown(table)
      this.#tables[number] = table
    }
    place(table, hash, segment, offset, length)
  }

  /** True when the record at this place is the current one of its key. */
  has(hash: number, segment: number, offset: number): boolean {
    return this.#at(hash, segment, offset) !== -1
  }

  /** False when there was no such entry. */
  remove(hash: number, segment: number, offset: number): boolean {
    let gap = this.#at(hash, segment, offset)
    if (gap === -1) return false
    const number = hash >>> SLOT_BITS
    const table = this.#tables[number]!
    this.#counts[number]!--
    this.size--
    // What was pushed behind the gap moves up, so that no search ends there too early.
    for (let at = next(gap, table); table[at + 3] !== 0; at = next(at, table)) {
      const wanted = home(table[at]!, table)
      const stays = gap < at ? wanted > gap && wanted <= at : wanted > gap || wanted <= at
      if (stays) continue
      // Four stores: a call of copyWithin costs several times as much.
      table[gap] = table[at]!
      table[gap + 1] = table[at + 1]!
      table[gap + 2] = table[at + 2]!
      table[gap + 3] = table[at + 3]!
      gap = at
    }
    table[gap + 3] = 0
    return true
  }

  /** The key's record is another one, or the same at another place. False when there was no such entry. */
  move(hash: number, segment: number, offset: number, to: Location): boolean {
    const at = this.#at(hash, segment, offset)
    if (at === -1) return false
    const table = this.#tables[hash >>> SLOT_BITS]!
    table[at + 1] = to.segment
    table[at + 2] = to.offset
    table[at + 3] = to.length
    return true
  }

  #at(hash: number, segment: number, offset: number): number {
    const table = this.#tables[hash >>> SLOT_BITS]!
    for (let at = home(hash, table); table[at + 3] !== 0; at = next(at, table)) {
      if (table[at] === hash && table[at + 1] === segment && table[at + 2] === offset) return at
    }
    return -1
  }
}

/** Tables may have any size: a hash is scaled to it. */
function home(hash: number, table: Uint32Array): number {
  return Math.floor(((hash & SLOT_MASK) * (table.length / WORDS)) / SLOT_RANGE) * WORDS
}

function next(at: number, table: Uint32Array): number {
  return at + WORDS === table.length ? 0 : at + WORDS
}

function place(table: Uint32Array, hash: number, segment: number, offset: number, length: number): void {
  let at = home(hash, table)
  while (table[at + 3] !== 0) at = next(at, table)
  table[at] = hash
  table[at + 1] = segment
  table[at + 2] = offset
  table[at + 3] = length
}

function grown(table: Uint32Array): Uint32Array {
  const larger = new Uint32Array(Math.ceil((table.length / WORDS) * GROWTH) * WORDS)
  for (let at = 0; at < table.length; at += WORDS) {
    if (table[at + 3] !== 0) place(larger, table[at]!, table[at + 1]!, table[at + 2]!, table[at + 3]!)
  }
  return larger
}
