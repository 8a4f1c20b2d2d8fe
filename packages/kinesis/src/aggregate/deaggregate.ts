import { createHash } from 'node:crypto'
import { NotProtobuf, ProtoCursor } from './proto-cursor.ts'

/** One record of those that the Kinesis Producer Library packs into one. */
export interface SubRecord {
  readonly partitionKey: string
  /** Decimal; the producer's choice of a shard in place of the hash of the partition key. */
  readonly explicitHashKey: string | undefined
  /** A view into the record. */
  readonly data: Uint8Array
}

const MAGIC = Buffer.from([0xf3, 0x89, 0x9a, 0xc2])
const DIGEST_BYTES = 16

/**
 * The records that a record holds when it is one of the Kinesis Producer Library's; undefined when it is not, also when it
 * only looks like it: a wrong checksum, or content that is no message of protobuf.
 *
 * ```
 * record           => F3 89 9A C2 | AggregatedRecord | MD5 of AggregatedRecord (16 bytes)
 * AggregatedRecord => 1: partition key (repeated string) | 2: explicit hash key (repeated string) | 3: Record (repeated)
 * Record           => 1: index of partition key | 2: index of explicit hash key (optional) | 3: data | 4: tags (not read)
 * ```
 *
 * Format: aggregation-format.md of awslabs/amazon-kinesis-producer.
 */
export function deaggregate(record: Uint8Array): readonly SubRecord[] | undefined {
  const end = record.length - DIGEST_BYTES
  if (end < MAGIC.length || record[0] !== MAGIC[0] || MAGIC.compare(record, 0, MAGIC.length) !== 0) {
    return undefined
  }
  const digest = createHash('md5').update(record.subarray(MAGIC.length, end)).digest()
  if (digest.compare(record, end) !== 0) return undefined
  try {
    return readAggregate(new ProtoCursor(record, MAGIC.length, end))
  } catch (error) {
    if (error instanceof NotProtobuf) return undefined
    throw error
  }
}

function readAggregate(message: ProtoCursor): SubRecord[] {
  const partitionKeys: string[] = []
  const hashKeys: string[] = []
  const records: IndexedRecord[] = []
  while (!message.done) {
    const tag = message.varint()
    if (tag === tagOf(1)) partitionKeys.push(message.text())
    else if (tag === tagOf(2)) hashKeys.push(message.text())
    else if (tag === tagOf(3)) records.push(readRecord(message.nested()))
    else message.skip(tag)
  }
  return records.map(({ partitionKey, hashKey, data }) => ({
    partitionKey: entryOf(partitionKeys, partitionKey),
    explicitHashKey: hashKey === undefined ? undefined : entryOf(hashKeys, hashKey),
    data,
  }))
}

interface IndexedRecord {
  readonly partitionKey: number
  readonly hashKey: number | undefined
  readonly data: Uint8Array
}

function readRecord(message: ProtoCursor): IndexedRecord {
  let partitionKey = 0
  let hashKey: number | undefined
  let data: Uint8Array = MAGIC.subarray(0, 0)
  while (!message.done) {
    const tag = message.varint()
    if (tag === 1 << 3) partitionKey = message.varint()
    else if (tag === 2 << 3) hashKey = message.varint()
    else if (tag === tagOf(3)) data = message.bytes()
    else message.skip(tag)
  }
  return { partitionKey, hashKey, data }
}

/** Of a field with a length. */
function tagOf(field: number): number {
  return (field << 3) | 2
}

function entryOf(table: readonly string[], index: number): string {
  const entry = table[index]
  if (entry === undefined) throw new NotProtobuf()
  return entry
}
