import type { ScratchFile } from './scratch-folder.ts'

/** Records that are not written yet. */
export interface Chunk {
  /** Offset in the segment of the first byte. */
  readonly start: number
  readonly buffer: Buffer
  /** Bytes in use. */
  used: number
}

/** A run of records: the newest are in memory, the rest in a file. */
export class Segment {
  readonly id: number
  readonly file: ScratchFile
  /** Bytes of records that were appended to the segments before it. */
  readonly startsAt: number
  /** What is not in the file yet, oldest first; the last one may still grow. */
  readonly chunks: Chunk[] = []
  /** Bytes appended, and of those the ones in the file. */
  bytes = 0
  written = 0
  /** Bytes of records that are the current ones of their keys. */
  liveBytes = 0
  /** No record is appended any more. */
  closed = false
  /** When its expired records were removed last, epoch milliseconds. */
  sweptAt: number
  #readers = 0
  #removed = false

  constructor(id: number, file: ScratchFile, now: number, startsAt: number) {
    this.id = id
    this.file = file
    this.sweptAt = now
    this.startsAt = startsAt
  }

  /** True when every byte is in the file and none will follow. */
  get settled(): boolean {
    return this.closed && this.chunks.length === 0
  }

  /** The chunk that holds the byte at `offset`; undefined when it is in the file. */
  chunkAt(offset: number): Chunk | undefined {
    if (offset < this.written) return undefined
    return this.chunks.findLast(({ start }) => start <= offset)
  }

  /** Bytes of the file. Removal waits for it. */
  async read(into: Uint8Array, offset: number): Promise<void> {
    this.#readers++
    try {
      await this.file.read(into, offset)
    } finally {
      this.#readers--
      if (this.#removed && this.#readers === 0) this.file.remove()
    }
  }

  remove(): void {
    if (this.#removed) return
    this.#removed = true
    if (this.#readers === 0) this.file.remove()
  }
}
