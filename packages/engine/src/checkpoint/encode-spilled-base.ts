import type { SpillScan, StoredStateVisitor } from '../state/spill-scan.ts'
import { type BaseContent, beginChunk, CHUNK_BYTES, closeChunk, encodeBase, SECTION } from './encode-epoch.ts'

/**
 * Encodes everything there is, in memory and on disk, as {@link encodeBase} does what is in memory. The job may go on at
 * each yield; undefined is one without a chunk.
 */
export async function* encodeSpilledBase(
  content: BaseContent,
  scan: SpillScan,
): AsyncGenerator<Buffer | undefined> {
  const { time, chunkBytes = CHUNK_BYTES } = content
  let out = beginChunk(content, SECTION.states)
  const finish = (): Buffer => {
    const chunk = closeChunk(out, SECTION.states)
    out = beginChunk(content, SECTION.states)
    return chunk
  }
  const visit: StoredStateVisitor = (type, slot, stamp, from, idStart, idEnd, valueStart, valueEnd) => {
    const state = type.states[slot]!
    out.byte(1)
    out.repeated(type.namespace)
    out.repeated(type.name)
    // Text is its bytes in UTF-8, which is what there is.
    out.bytes(from.subarray(idStart, idEnd))
    out.repeated(state.name)
    out.repeated(state.typename)
    out.byte(stamp === 0 ? 1 : 3)
    if (stamp !== 0) out.double(stamp)
    out.bytes(from.subarray(valueStart, valueEnd))
  }
  try {
    for await (const _block of scan.stored(time, visit)) yield out.length >= chunkBytes ? finish() : undefined
    yield finish()
    yield* encodeBase(content)
    for await (const _block of scan.appended(time, visit))
      yield out.length >= chunkBytes ? finish() : undefined
    yield finish()
  } finally {
    scan.end()
  }
}
