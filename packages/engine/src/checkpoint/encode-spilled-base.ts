import type { SpillScan } from '../state/spill-scan.ts'
import {
  type BaseContent,
  beginChunk,
  CHUNK_BYTES,
  closeChunk,
  encodeBase,
  SECTION,
  storedStateWriter,
} from './encode-epoch.ts'

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
  const visit = storedStateWriter(() => out)
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
