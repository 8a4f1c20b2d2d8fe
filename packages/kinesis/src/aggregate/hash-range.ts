import { createHash } from 'node:crypto'
import type { SubRecord } from './deaggregate.ts'

/** The 128-bit hash keys of a shard, both ends included. */
export interface HashRange {
  readonly first: bigint
  readonly last: bigint
}

const LARGEST = (1n << 128n) - 1n

/** Where a record belongs: its explicit hash key, else the MD5 of its partition key. */
export function hashKeyOf({ partitionKey, explicitHashKey }: SubRecord): bigint {
  if (explicitHashKey !== undefined && /^\d+$/.test(explicitHashKey)) return BigInt(explicitHashKey)
  return BigInt(`0x${createHash('md5').update(partitionKey, 'utf8').digest('hex')}`)
}

/**
 * False when the records of an aggregate do not all belong to the shard that it is in: it was packed for a shard that was
 * split or merged meanwhile, and its producer sends all of it again. The Kinesis Client Library, and so Flink, drops it too.
 */
export function belongTo({ first, last }: HashRange, records: readonly SubRecord[]): boolean {
  if (first === 0n && last === LARGEST) return true
  const known = new Map<string, boolean>()
  return records.every((record) => {
    const key = record.explicitHashKey ?? `key ${record.partitionKey}`
    let within = known.get(key)
    if (within === undefined) {
      const hashKey = hashKeyOf(record)
      within = hashKey >= first && hashKey <= last
      known.set(key, within)
    }
    return within
  })
}
