import type { Connection } from '@platformatic/kafka'
import { type Reader, Writer } from '../cluster/client-library.ts'
import type { AbortedTransaction } from '../record-batch/aborted-transactions.ts'

/** A partition to fetch. */
export interface FetchPartition {
  readonly topic: string
  readonly index: number
  /** First wanted offset. */
  readonly fetchOffset: number
  readonly leaderEpoch: number
  /** Bytes that are wanted at most; a batch that is larger comes whole. */
  readonly maxBytes: number
}

/** Limits of one fetch; sizes in bytes. */
export interface FetchLimits {
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly readCommitted: boolean
}

/** One partition of a fetch response. */
export interface FetchedPartition {
  readonly topic: string
  readonly index: number
  /** Protocol error code, 0 for none. */
  readonly errorCode: number
  readonly highWatermark: number
  readonly aborted: readonly AbortedTransaction[]
  /** Record batches; empty when there was nothing new. Nobody else writes to it. */
  readonly records: Buffer
}

/** `errorCode` concerns the whole response. */
export interface FetchResponse {
  readonly errorCode: number
  readonly partitions: readonly FetchedPartition[]
}

const FETCH = 1
const VERSION = 12
const EMPTY: Buffer = Buffer.alloc(0)

/*
  Fetch Request (Version: 12) => replica_id max_wait_ms min_bytes max_bytes isolation_level session_id session_epoch
      [topics] [forgotten_topics_data] rack_id TAG_BUFFER
    topics => topic [partitions] TAG_BUFFER
      partitions => partition current_leader_epoch fetch_offset last_fetched_epoch log_start_offset
          partition_max_bytes TAG_BUFFER
*/
function writeRequest(partitions: readonly FetchPartition[], limits: FetchLimits): Writer {
  const writer = Writer.create()
    .appendInt32(-1)
    .appendInt32(limits.maxWaitMs)
    .appendInt32(limits.minBytes)
    .appendInt32(limits.maxBytes)
    .appendInt8(limits.readCommitted ? 1 : 0)
    .appendInt32(0)
    .appendInt32(-1)
  // Partitions keep their order, as the broker fills the response in the order of the request; a topic may come twice.
  return writer
    .appendArray([...partitions], (w, partition) => {
      w.appendString(partition.topic).appendArray(
        [partition],
        (inner, { index, leaderEpoch, fetchOffset, maxBytes }) => {
          inner
            .appendInt32(index)
            .appendInt32(leaderEpoch)
            .appendInt64(BigInt(fetchOffset))
            .appendInt32(-1)
            .appendInt64(-1n)
            .appendInt32(maxBytes)
        },
      )
    })
    .appendArray<never>([], () => {})
    .appendString('')
    .appendTaggedFields()
}

/*
  Fetch Response (Version: 12) => throttle_time_ms error_code session_id [responses] TAG_BUFFER
    responses => topic [partitions] TAG_BUFFER
      partitions => partition_index error_code high_watermark last_stable_offset log_start_offset
          [aborted_transactions] preferred_read_replica records TAG_BUFFER
        aborted_transactions => producer_id first_offset TAG_BUFFER
*/
function readResponse(reader: Reader): FetchResponse {
  reader.readInt32()
  const errorCode = reader.readInt16()
  reader.readInt32()
  const partitions: FetchedPartition[] = []
  reader.readArray((topicReader) => {
    const topic = topicReader.readString()
    topicReader.readArray((r) => {
      partitions.push(readPartition(r, topic))
    })
  })
  return { errorCode, partitions }
}

function readPartition(reader: Reader, topic: string): FetchedPartition {
  const index = reader.readInt32()
  const errorCode = reader.readInt16()
  const highWatermark = Number(reader.readInt64())
  reader.readInt64()
  reader.readInt64()
  const aborted =
    reader.readNullableArray((r) => ({
      producerId: Number(r.readInt64()),
      firstOffset: Number(r.readInt64()),
    })) ?? []
  reader.readInt32()
  const size = reader.readUnsignedVarInt() - 1
  let records: Buffer = EMPTY
  if (size > 0) {
    records = reader.buffer.slice(reader.position, reader.position + size)
    // A view of the response. Where that is mostly of other partitions, records that wait would hold more than they are.
    if (size < reader.length / 2) records = Buffer.from(records)
    reader.skip(size)
  }
  return { topic, index, errorCode, highWatermark, aborted, records }
}

/**
 * Sends one Fetch. Written here rather than taken from the library because that makes objects of all records.
 *
 * @throws the library's network errors
 */
export function fetchRecords(
  connection: Connection,
  partitions: readonly FetchPartition[],
  limits: FetchLimits,
): Promise<FetchResponse> {
  return new Promise((resolve, reject) => {
    connection.send(
      FETCH,
      VERSION,
      () => writeRequest(partitions, limits),
      (_correlationId, _apiKey, _apiVersion, reader) => readResponse(reader),
      true,
      true,
      (error, response) => (error === null && response !== undefined ? resolve(response) : reject(error)),
    )
  })
}
