import type { Connection } from '@platformatic/kafka'
import { type Reader, Writer } from '../cluster/client-library.ts'

/** A finished batch for one partition. */
export interface PartitionBatch {
  readonly topic: string
  readonly index: number
  readonly batch: Buffer
}

/** The broker's answer for one partition. */
export interface ProducedPartition {
  readonly topic: string
  readonly index: number
  /** Protocol error code, 0 for none. */
  readonly errorCode: number
  /** What the broker says about an error, when it does. */
  readonly message: string | null
}

const PRODUCE = 0
const VERSION = 9

/*
  Produce Request (Version: 9) => transactional_id acks timeout_ms [topic_data] TAG_BUFFER
    topic_data => name [partition_data] TAG_BUFFER
      partition_data => index records TAG_BUFFER
*/
function writeRequest(
  batches: readonly PartitionBatch[],
  acks: number,
  timeoutMs: number,
  transactionalId: string | null,
): Writer {
  const topics = [...Map.groupBy(batches, ({ topic }) => topic)]
  const writer = Writer.create()
    .appendString(transactionalId)
    .appendInt16(acks)
    .appendInt32(timeoutMs)
    .appendArray(topics, (w, [topic, members]) => {
      w.appendString(topic).appendArray(members, (inner, { index, batch }) => {
        inner
          .appendInt32(index)
          .appendUnsignedVarInt(batch.length + 1)
          .append(batch)
      })
    })
    .appendTaggedFields()
  if (acks === 0) writer.context.noResponse = true
  return writer
}

/*
  Produce Response (Version: 9) => [responses] throttle_time_ms TAG_BUFFER
    responses => name [partition_responses] TAG_BUFFER
      partition_responses => index error_code base_offset log_append_time_ms log_start_offset [record_errors]
          error_message TAG_BUFFER
        record_errors => batch_index batch_index_error_message TAG_BUFFER
*/
function readResponse(reader: Reader): ProducedPartition[] {
  const produced: ProducedPartition[] = []
  reader.readArray((topicReader) => {
    const topic = topicReader.readString()
    topicReader.readArray((r) => {
      const index = r.readInt32()
      const errorCode = r.readInt16()
      r.skip(24)
      const details = r.readArray((inner) => {
        inner.readInt32()
        return inner.readNullableString()
      })
      const message = r.readNullableString()
      produced.push({ topic, index, errorCode, message: message ?? details[0] ?? null })
    })
  })
  return produced
}

/**
 * Sends one Produce with one batch per partition. The batches must stay untouched until it settles.
 *
 * @param transactionalId of the transaction that the batches belong to
 * @returns the answers; none with acks 0, then it settles when the bytes were handed to the socket
 * @throws the library's network errors: the broker may or may not have taken the batches
 */
export function produceBatches(
  connection: Connection,
  batches: readonly PartitionBatch[],
  acks: number,
  timeoutMs: number,
  transactionalId: string | null = null,
): Promise<readonly ProducedPartition[]> {
  return new Promise((resolve, reject) => {
    connection.send<ProducedPartition[]>(
      PRODUCE,
      VERSION,
      () => writeRequest(batches, acks, timeoutMs, transactionalId),
      (_correlationId, _apiKey, _apiVersion, reader) => readResponse(reader),
      true,
      true,
      (error, produced) => {
        if (error !== null) reject(error)
        else resolve(acks === 0 ? [] : (produced ?? []))
      },
    )
  })
}
