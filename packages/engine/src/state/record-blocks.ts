import type { Segment } from './segment.ts'
import type { SpillStore } from './spill-store.ts'
import { RECORD_HEADER_BYTES, recordLength } from './spilled-record.ts'

/** Some records of a segment that follow each other. */
export interface RecordBlock {
  readonly buffer: Buffer
  /** Offset in the segment of the buffer's first byte, where the first record begins. */
  readonly start: number
  /** Bytes of the buffer up to the end of the last whole record. */
  readonly length: number
}

/** Few enough records that working through them goes unnoticed. */
const BLOCK_BYTES = 64 * 1024

/** Reads the records of a segment from offset `from` to offset `to` in order; both are ends of records. */
export async function* recordBlocks(
  store: SpillStore,
  segment: Segment,
  from: number,
  to: number,
): AsyncGenerator<RecordBlock> {
  let wanted = BLOCK_BYTES
  for (let start = from; start < to; ) {
    const buffer = await store.read(segment, start, Math.min(wanted, to - start))
    let length = 0
    wanted = BLOCK_BYTES
    while (length + RECORD_HEADER_BYTES <= buffer.length) {
      const end = length + recordLength(buffer, length)
      if (end > buffer.length) {
        // One that is longer than the block: read as a whole next time.
        if (length === 0) wanted = end
        break
      }
      length = end
    }
    if (length > 0) yield { buffer, start, length }
    start += length
  }
}
