import { compressionsAlgorithms } from '@platformatic/kafka'
import { StatefunError } from '@statefun/protocol'

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
 * @throws StatefunError `SF_KAFKA_COMPRESSION_UNKNOWN` for a code that no Kafka release has assigned; the codec's own error
 *   for damaged data
 */
export function decompress(code: number, records: Buffer): Buffer {
  const compression = COMPRESSIONS[code]
  if (compression === undefined) {
    throw new StatefunError(
      'SF_KAFKA_COMPRESSION_UNKNOWN',
      `unknown compression code ${code} in a record batch`,
    )
  }
  return compressionsAlgorithms[compression].decompressSync(records)
}
