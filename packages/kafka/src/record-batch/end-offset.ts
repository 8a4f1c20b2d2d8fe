import { readInt64 } from './batch-cursor.ts'
import { FIELD, LOG_OVERHEAD } from './format.ts'

/**
 * Offset after the last whole batch, read from the batch headers alone; undefined when there is no whole batch.
 *
 * An incomplete batch follows the last whole one when the limit of a fetch cut it.
 */
export function endOffsetOf(records: Buffer): number | undefined {
  let end: number | undefined
  let start = 0
  while (records.length - start >= FIELD.baseTimestamp) {
    const next = start + LOG_OVERHEAD + records.readInt32BE(start + FIELD.batchLength)
    if (next > records.length || next <= start) break
    end = readInt64(records, start) + records.readInt32BE(start + FIELD.lastOffsetDelta) + 1
    start = next
  }
  return end
}
