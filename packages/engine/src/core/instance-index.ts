import type { ByteRange } from '../connector/source.ts'
import type { Instance } from './instance.ts'

/** A slot is a hash and a place plus one, 0 when it is empty: side by side, because each look elsewhere is a cache miss. */
const WORDS = 2
const SMALLEST = 16 * WORDS

/**
 * The instances of a function type by id. It does what a Map does, and finds one by the bytes of its id as well: where
 * instances are many, making a string of each key and following a map's chain of strings is the larger part of a delivery.
 *
 * Open addressing with linear probing, at most half full.
 */
export class InstanceIndex {
  /** By place; undefined is a free one. */
  readonly #instances: (Instance | undefined)[] = []
  readonly #free: number[] = []
  /** It differs from process to process, so that nobody can choose ids that all fall on the same slot. */
  readonly #seed = Math.trunc(Math.random() * 2 ** 32)
  #table = new Int32Array(SMALLEST)
  #size = 0

  get size(): number {
    return this.#size
  }

  get(id: string): Instance | undefined {
    const place = this.#table[this.#slot(id, this.#hash(id)) + 1]!
    return place === 0 ? undefined : this.#instances[place - 1]
  }

  has(id: string): boolean {
    return this.get(id) !== undefined
  }

  /** The instance whose id these bytes are in ASCII; undefined also when they are not ASCII. */
  find({ bytes, start, end }: ByteRange): Instance | undefined {
    let hash = this.#seed
    let seen = 0
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!
      seen |= byte
      hash = Math.imul(hash ^ byte, 0x01000193)
    }
    if (seen > 0x7f) return undefined
    hash = mix(hash)
    const table = this.#table
    const mask = table.length - 1
    for (let at = (hash * WORDS) & mask; ; at = (at + WORDS) & mask) {
      const place = table[at + 1]!
      if (place === 0) return undefined
      if (table[at] !== hash) continue
      const instance = this.#instances[place - 1]!
      if (isIn(instance.id, bytes, start, end)) return instance
    }
  }

  /** Adds an instance, in place of the one with its id. */
  set(id: string, instance: Instance): void {
    const hash = this.#hash(id)
    const at = this.#slot(id, hash)
    const known = this.#table[at + 1]!
    if (known !== 0) {
      this.#instances[known - 1] = instance
      return
    }
    const place = this.#free.pop() ?? this.#instances.length
    this.#instances[place] = instance
    this.#table[at] = hash
    this.#table[at + 1] = place + 1
    if (++this.#size * WORDS * 2 > this.#table.length) this.#grow()
  }

  delete(id: string): boolean {
    const at = this.#slot(id, this.#hash(id))
    const place = this.#table[at + 1]! - 1
    if (place === -1) return false
    this.#close(at)
    this.#instances[place] = undefined
    this.#free.push(place)
    this.#size--
    return true
  }

  /**
   * All that are there when it begins: none that stays is left out when others come and go meanwhile, and some of those that
   * come are among them.
   */
  *values(): Generator<Instance, undefined> {
    const end = this.#instances.length
    for (let place = 0; place < end; place++) {
      const instance = this.#instances[place]
      if (instance !== undefined) yield instance
    }
  }

  *keys(): Generator<string, undefined> {
    for (const { id } of this.values()) yield id
  }

  /** Of UTF-16 units: where all of them are ASCII, that of the bytes. */
  #hash(id: string): number {
    let hash = this.#seed
    for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
    return mix(hash)
  }

  /** Where an id is, or would be. */
  #slot(id: string, hash: number): number {
    const table = this.#table
    const mask = table.length - 1
    let at = (hash * WORDS) & mask
    while (table[at + 1] !== 0 && (table[at] !== hash || this.#instances[table[at + 1]! - 1]!.id !== id)) {
      at = (at + WORDS) & mask
    }
    return at
  }

  #grow(): void {
    const from = this.#table
    const table = new Int32Array(from.length * 2)
    const mask = table.length - 1
    for (let i = 0; i < from.length; i += WORDS) {
      if (from[i + 1] === 0) continue
      let at = (from[i]! * WORDS) & mask
      while (table[at + 1] !== 0) at = (at + WORDS) & mask
      table[at] = from[i]!
      table[at + 1] = from[i + 1]!
    }
    this.#table = table
  }

  /** Empties a slot and moves up what would not be found across the gap. */
  #close(from: number): void {
    const table = this.#table
    const mask = table.length - 1
    let gap = from
    for (let at = (from + WORDS) & mask; table[at + 1] !== 0; at = (at + WORDS) & mask) {
      const home = (table[at]! * WORDS) & mask
      // Entries whose home lies behind the gap are found without passing it.
      if (((at - home) & mask) < ((at - gap) & mask)) continue
      table[gap] = table[at]!
      table[gap + 1] = table[at + 1]!
      gap = at
    }
    table[gap + 1] = 0
  }
}

/** Lets every bit count for every other one (the last steps of MurmurHash3); a signed integer of 32 bits. */
function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

function isIn(id: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (id.length !== end - start) return false
  for (let i = 0; i < id.length; i++) if (id.charCodeAt(i) !== bytes[start + i]) return false
  return true
}
