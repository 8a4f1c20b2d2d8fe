import { StatefunError } from '@statefun/protocol'
import type { Uint32Pieces } from './pieces.ts'

/*
  A location is a chunk's number and a record's place in it, in units of 8 bytes: 32 bits for 32 GiB.

  record => slot size due body
    slot   => UINT32, 0xffffffff when nothing needs the record any more
    size   => UINT32, bytes of the record; the next one begins at the next multiple of 8
    due    => DOUBLE, epoch milliseconds
    body   => see record-writer.ts
*/
const CHUNK_BYTES = 1 << 20
const PLACE_BITS = 17
const MAX_CHUNKS = 1 << (32 - PLACE_BITS)
const NOBODY = 0xffffffff

/** Bytes before a record's body. */
export const RECORD_HEADER_BYTES = 16

/** A record larger than this has a chunk of its own. */
const LARGEST_SHARING = CHUNK_BYTES / 4

/** Empty chunks that are kept for what comes next. */
const SPARE_CHUNKS = 8

/** Room without records that is left alone. */
const TOLERATED_BYTES = 4 * CHUNK_BYTES

/** Records looked at in one step of a compaction. */
const STEP = 8

interface Chunk {
  readonly number: number
  readonly bytes: Buffer
  readonly words: Uint32Array
  /** Where the next record goes. */
  end: number
  /** Bytes of records that are needed. */
  live: number
}

/**
 * Records outside of the JavaScript heap, in chunks of 1 MiB that the garbage collector does not look into.
 *
 * Once a third of the room is lost to records that nobody needs, those that share a chunk with most of them move on, a few
 * with every record that comes or goes.
 */
export class RecordStore {
  readonly #chunks: (Chunk | undefined)[] = []
  readonly #freeNumbers: number[] = []
  readonly #spare: Buffer[] = []
  #current: Chunk | undefined
  /** The chunk that is being emptied, and how far that is. */
  #victim: Chunk | undefined
  #reached = 0
  #room = 0
  #live = 0
  readonly #locations: Uint32Pieces

  /** @param locations by slot; changed for records that move */
  constructor(locations: Uint32Pieces) {
    this.#locations = locations
  }

  /** Bytes of memory in use, and those of them that hold records that are needed. */
  get bytes(): { readonly room: number; readonly live: number } {
    return { room: this.#room + this.#spare.length * CHUNK_BYTES, live: this.#live }
  }

  /** The chunk that holds the record. */
  bytesAt(location: number): Buffer {
    return this.#chunks[location >>> PLACE_BITS]!.bytes
  }

  /** Where in that chunk the record begins. */
  offsetOf(location: number): number {
    return (location & ((1 << PLACE_BITS) - 1)) * 8
  }

  sizeOf(location: number): number {
    return this.#chunks[location >>> PLACE_BITS]!.words[this.offsetOf(location) / 4 + 1]!
  }

  /**
   * Copies the record of a slot.
   *
   * @param from the record, with room for slot and size in front
   * @throws StatefunError `SF_DELAY_TOO_MANY`
   */
  put(from: Buffer, size: number, slot: number): void {
    this.#locations.set(slot, this.#copy(from, 0, size, slot))
    this.#compact()
  }

  /** Gives up the record at a location. */
  free(location: number): void {
    const chunk = this.#chunks[location >>> PLACE_BITS]!
    const word = this.offsetOf(location) / 4
    chunk.words[word] = NOBODY
    this.#leave(chunk, aligned(chunk.words[word + 1]!))
    this.#compact()
  }

  #copy(from: Buffer, start: number, size: number, slot: number): number {
    const step = aligned(size)
    const chunk = this.#roomFor(step)
    const at = chunk.end
    from.copy(chunk.bytes, at, start, start + size)
    chunk.words[at / 4] = slot
    chunk.words[at / 4 + 1] = size
    chunk.end += step
    chunk.live += step
    this.#live += step
    return ((chunk.number << PLACE_BITS) | (at / 8)) >>> 0
  }

  #roomFor(step: number): Chunk {
    if (step > LARGEST_SHARING) return this.#newChunk(Buffer.allocUnsafeSlow(step))
    const current = this.#current
    if (current !== undefined && current.end + step <= CHUNK_BYTES) return current
    this.#current = this.#newChunk(this.#spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES))
    return this.#current
  }

  #newChunk(bytes: Buffer): Chunk {
    if (this.#freeNumbers.length === 0 && this.#chunks.length === MAX_CHUNKS) {
      throw new StatefunError('SF_DELAY_TOO_MANY', 'there is no room for more delayed messages', {
        hint: 'delayed messages that wait may take 32 GiB, or 32,768 messages of more than 256 KiB',
      })
    }
    const number = this.#freeNumbers.pop() ?? this.#chunks.length
    const chunk = { number, bytes, words: new Uint32Array(bytes.buffer), end: 0, live: 0 }
    this.#chunks[number] = chunk
    this.#room += bytes.length
    return chunk
  }

  #leave(chunk: Chunk, step: number): void {
    chunk.live -= step
    this.#live -= step
    if (chunk.live > 0) return
    if (chunk === this.#current) chunk.end = 0
    else this.#drop(chunk)
  }

  #drop(chunk: Chunk): void {
    if (chunk === this.#victim) this.#victim = undefined
    this.#chunks[chunk.number] = undefined
    this.#freeNumbers.push(chunk.number)
    this.#room -= chunk.bytes.length
    if (chunk.bytes.length === CHUNK_BYTES && this.#spare.length < SPARE_CHUNKS) this.#spare.push(chunk.bytes)
  }

  #compact(): void {
    if (this.#victim === undefined) {
      if (this.#room - this.#live <= this.#live / 2 + TOLERATED_BYTES) return
      this.#victim = this.#sparsest()
      this.#reached = 0
    }
    for (let i = 0; i < STEP && this.#victim !== undefined; i++) {
      const { words, bytes } = this.#victim
      const word = this.#reached / 4
      const slot = words[word]!
      const size = words[word + 1]!
      this.#reached += aligned(size)
      if (slot === NOBODY) continue
      this.#locations.set(slot, this.#copy(bytes, this.#reached - aligned(size), size, slot))
      this.#leave(this.#victim, aligned(size))
    }
  }

  #sparsest(): Chunk | undefined {
    let sparsest: Chunk | undefined
    for (const chunk of this.#chunks) {
      if (chunk === undefined || chunk === this.#current || chunk.bytes.length !== CHUNK_BYTES) continue
      if (sparsest === undefined || chunk.live < sparsest.live) sparsest = chunk
    }
    return sparsest
  }
}

function aligned(size: number): number {
  return (size + 7) & ~7
}
