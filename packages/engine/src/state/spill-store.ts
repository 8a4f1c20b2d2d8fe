import { StatefunError } from '@statefun/protocol'
import { KeyIndex, type Location } from './key-index.ts'
import type { RecordBlock } from './record-blocks.ts'
import type { ScratchFolder } from './scratch-folder.ts'
import { type Chunk, Segment } from './segment.ts'
import { recordHash, recordLength } from './spilled-record.ts'

export interface SpillStoreOptions {
  readonly folder: ScratchFolder
  /** Bytes of a file after which the next one is begun; 64 MiB by default. */
  readonly segmentBytes?: number
  /** Bytes that are written at once; 1 MiB by default. */
  readonly chunkBytes?: number
  /** Epoch milliseconds. */
  readonly now: () => number
  /** {@link SpillStore.saturated} became false. */
  readonly drained: () => void
  /** Records could not be written or read: what the store holds is of no use any more. Called once. */
  readonly failed: (error: StatefunError) => void
}

const SEGMENT_BYTES = 64 * 1024 * 1024
const CHUNK_BYTES = 1024 * 1024
/** Bytes on their way to the disk from which no more should be appended. */
const SATURATED_BYTES = 32 * CHUNK_BYTES

/** The end of what was appended at some moment. */
export interface Mark {
  readonly segment: number
  readonly offset: number
}

/**
 * Records on disk, one for each key, behind an index in memory.
 *
 * Files are only appended to; a record that is taken or replaced leaves a gap, which {@link Reclaimer} closes. Nothing
 * survives the process: that is what checkpoints are for.
 */
export class SpillStore {
  readonly index = new KeyIndex()
  readonly segments = new Map<number, Segment>()
  /** Bytes of all segments, and of the records in them that count. */
  totalBytes = 0
  liveBytes = 0
  /** Where a record is to be written: see {@link reserve}. */
  buffer: Buffer = Buffer.alloc(0)
  at = 0
  /** Where a record was read: see {@link readNow}. */
  readBuffer: Buffer = this.buffer
  readAt = 0

  readonly #options: SpillStoreOptions
  readonly #segmentBytes: number
  readonly #chunkBytes: number
  #scratch = Buffer.allocUnsafeSlow(4096)
  #chunk: Chunk | undefined
  #current: Segment | undefined
  /** Segments with records that are not in their file yet, oldest first. */
  readonly #unwritten: Segment[] = []
  #nextId = 0
  #unwrittenBytes = 0
  /** Bytes of all records that were ever appended. */
  #appended = 0
  #writing: Promise<void> | undefined
  #pins = 0
  #closed = false

  constructor(options: SpillStoreOptions) {
    this.#options = options
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES
    this.#chunkBytes = options.chunkBytes ?? CHUNK_BYTES
  }

  /** The disk does not keep up. */
  get saturated(): boolean {
    return this.#unwrittenBytes > SATURATED_BYTES && !this.#closed
  }

  /** While a scan goes on: no record may be moved, and none that a key has left may go. */
  get pinned(): boolean {
    return this.#pins > 0
  }

  /** The end of the newest segment. */
  get mark(): Mark {
    return { segment: this.#current?.id ?? -1, offset: this.#current?.bytes ?? 0 }
  }

  /** Bytes of records that were appended since the one at this place. */
  bytesAfter(segment: number, offset: number): number {
    return this.#appended - this.segments.get(segment)!.startsAt - offset
  }

  /** Makes room for a record of at most `bytes` at {@link at} of {@link buffer}; {@link commit} says what was used. */
  reserve(bytes: number): void {
    const chunk = this.#chunk
    if (chunk !== undefined && chunk.used + bytes <= chunk.buffer.length) {
      this.at = chunk.used
      return
    }
    this.#newChunk(bytes)
  }

  /** Keeps the record that was written from {@link at} to `end`, as the one of a key that has none. */
  commit(hash: number, end: number): void {
    const { segment, offset, length } = this.#commit(end)
    this.index.insert(hash, segment, offset, length)
  }

  /** The same in place of the one that the key has. */
  replace(hash: number, { segment, offset, length }: Location, end: number): void {
    this.index.move(hash, segment, offset, this.#commit(end))
    this.#release(this.segments.get(segment)!, length)
  }

  /** Keeps a copy of a record that is elsewhere, and forgets the former; false when that is not its key's any more. */
  relocate(hash: number, segment: Segment, offset: number, record: Buffer): boolean {
    if (!this.index.has(hash, segment.id, offset)) return false
    this.reserve(record.length)
    this.buffer.set(record, this.at)
    const from = { segment: segment.id, offset, length: record.length }
    this.replace(hash, from, this.at + record.length)
    return true
  }

  /** The key has no record any more. False when this was not its record. */
  remove(hash: number, { segment, offset, length }: Location): boolean {
    if (!this.index.remove(hash, segment, offset)) return false
    this.#release(this.segments.get(segment)!, length)
    return true
  }

  /** Reads a record, waiting for the disk if need be: {@link readBuffer} and {@link readAt} are where it is afterwards. */
  readNow({ segment, offset, length }: Location): void {
    const source = this.segments.get(segment)!
    const chunk = source.chunkAt(offset)
    if (chunk !== undefined) {
      this.readBuffer = chunk.buffer
      this.readAt = offset - chunk.start
      return
    }
    if (this.#scratch.length < length) this.#scratch = Buffer.allocUnsafeSlow(length)
    source.file.readNow(this.#scratch, length, offset)
    this.readBuffer = this.#scratch
    this.readAt = 0
  }

  /** Bytes of a segment from `offset` on, at most `bytes`; a copy, or a view that does not change. */
  async read(segment: Segment, offset: number, bytes: number): Promise<Buffer> {
    const chunk = segment.chunkAt(offset)
    if (chunk !== undefined) {
      const from = offset - chunk.start
      return chunk.buffer.subarray(from, Math.min(from + bytes, chunk.used))
    }
    const into = Buffer.allocUnsafe(Math.min(bytes, segment.written - offset))
    await segment.read(into, offset)
    return into
  }

  /** Calls back with the place in the buffer of each record. */
  forEach({ buffer, length }: RecordBlock, visit: (at: number) => void): void {
    for (let at = 0; at < length; at += recordLength(buffer, at)) visit(at)
  }

  /** The same for the current records of their keys only. */
  forEachLive(segment: Segment, block: RecordBlock, visit: (at: number) => void): void {
    this.forEach(block, (at) => {
      if (this.index.has(recordHash(block.buffer, at), segment.id, block.start + at)) visit(at)
    })
  }

  /** Settles when what waits to be written by now is written, or cannot be. */
  async written(): Promise<void> {
    await this.#writing
  }

  /** From here to {@link unpin} nothing is moved or removed. */
  pin(): void {
    this.#pins++
  }

  unpin(): void {
    this.#pins--
    if (this.#pins > 0) return
    for (const segment of this.segments.values()) this.#dropIfEmpty(segment)
  }

  /** Waits for what is under way; nothing is written any more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#writing
    for (const segment of this.segments.values()) segment.remove()
    this.segments.clear()
  }

  /** Ends everything because of an error; only the first one counts. */
  fail(cause: unknown): void {
    if (this.#closed) return
    this.#closed = true
    const { message } = StatefunError.from(cause)
    this.#options.failed(
      new StatefunError('SF_STATE_DISK', `state cannot be kept on disk: ${message}`, {
        hint: 'look after the disk of the state folder (state.dir): it may be full',
        cause,
      }),
    )
  }

  #commit(end: number): Location {
    const segment = this.#current!
    const chunk = this.#chunk!
    const length = end - this.at
    const offset = chunk.start + this.at
    chunk.used = end
    segment.bytes += length
    segment.liveBytes += length
    this.totalBytes += length
    this.liveBytes += length
    this.#unwrittenBytes += length
    this.#appended += length
    return { segment: segment.id, offset, length }
  }

  #release(segment: Segment, length: number): void {
    segment.liveBytes -= length
    this.liveBytes -= length
    this.#dropIfEmpty(segment)
  }

  #dropIfEmpty(segment: Segment): void {
    if (segment.liveBytes > 0 || !segment.settled || this.pinned) return
    this.totalBytes -= segment.bytes
    this.segments.delete(segment.id)
    segment.remove()
  }

  #newChunk(bytes: number): void {
    this.#chunk = undefined
    if (this.#current !== undefined && this.#current.bytes + bytes > this.#segmentBytes) {
      this.#current.closed = true
      this.#current = undefined
    }
    this.#write()
    if (this.#current === undefined) {
      const id = this.#nextId++
      this.#current = new Segment(
        id,
        this.#options.folder.create(String(id)),
        this.#options.now(),
        this.#appended,
      )
      this.segments.set(id, this.#current)
      this.#unwritten.push(this.#current)
    }
    this.buffer = Buffer.allocUnsafeSlow(Math.max(bytes, this.#chunkBytes))
    this.at = 0
    this.#chunk = { start: this.#current.bytes, buffer: this.buffer, used: 0 }
    this.#current.chunks.push(this.#chunk)
  }

  /** Writes every chunk but the one that still grows, one after the other. */
  #write(): void {
    if (this.#writing !== undefined || this.#nextChunk === undefined) return
    this.#writing = this.#writeAll().then(
      () => {
        this.#writing = undefined
        this.#write()
      },
      (error: unknown) => this.fail(error),
    )
  }

  /** What is to be written next. */
  get #nextChunk(): Chunk | undefined {
    const chunk = this.#unwritten[0]?.chunks[0]
    return chunk === this.#chunk || this.#closed ? undefined : chunk
  }

  async #writeAll(): Promise<void> {
    for (let chunk = this.#nextChunk; chunk !== undefined; chunk = this.#nextChunk) {
      const segment = this.#unwritten[0]!
      await segment.file.append(chunk.buffer.subarray(0, chunk.used))
      segment.chunks.shift()
      segment.written += chunk.used
      const saturated = this.saturated
      this.#unwrittenBytes -= chunk.used
      if (saturated && !this.saturated) this.#options.drained()
      if (!segment.settled) continue
      this.#unwritten.shift()
      this.#dropIfEmpty(segment)
    }
  }
}
