import { constants } from 'node:buffer'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { StatefunError } from '@statefun/protocol'
import { compressionsAlgorithms } from '../cluster/client-library.ts'
import { lz4Size, snappySize } from './decompressed-size.ts'

/** Names of `compression.type`. */
export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** In order of the codes in a batch's attributes. */
export const COMPRESSIONS: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** @returns a new buffer */
export function compress(compression: Compression, records: Buffer): Buffer {
  return compressionsAlgorithms[compression].compressSync(records)
}

/**
 * @param code compression bits of a batch's attributes
 * @param maxBytes nothing larger is unfolded
 * @returns undefined when the records are larger than that
 * @throws StatefunError `SF_KAFKA_COMPRESSION_UNKNOWN` for a code that no Kafka release has assigned; the codec's own error
 *   for damaged data
 */
export function decompress(code: number, records: Buffer, maxBytes: number): Buffer | undefined {
  const compression = COMPRESSIONS[code]
  const maxOutputLength = Math.min(maxBytes, constants.MAX_LENGTH)
  switch (compression) {
    case 'gzip':
      return within(() => gunzipSync(records, { maxOutputLength }))
    case 'zstd':
      return within(() => zstdDecompressSync(records, { maxOutputLength }))
    // The library's own decoders take no limit.
    case 'snappy':
      if (snappySize(records) > maxBytes) return undefined
      break
    case 'lz4':
      if (lz4Size(records, maxBytes) > maxBytes) return undefined
      break
    case undefined:
      throw new StatefunError(
        'SF_KAFKA_COMPRESSION_UNKNOWN',
        `unknown compression code ${code} in a record batch`,
      )
  }
  return compressionsAlgorithms[compression].decompressSync(records)
}

function within(unfold: () => Buffer): Buffer | undefined {
  try {
    return unfold()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return undefined
    throw error
  }
}
