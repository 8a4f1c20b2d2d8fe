import type { KinesisClient } from '@aws-sdk/client-kinesis'
import { loadSdk } from '../client/create-client.ts'
import type { OutgoingRecord, RecordFailure } from './outgoing-record.ts'

/**
 * Sends records to a stream in one request.
 *
 * @returns for each record, in order, why it was not taken; undefined when it was
 */
export type PutRecords = (
  stream: string,
  records: readonly OutgoingRecord[],
) => Promise<readonly (RecordFailure | undefined)[]>

/** PutRecords by the SDK. */
export function putRecords(client: KinesisClient): PutRecords {
  return async (stream, records) => {
    const { PutRecordsCommand } = await loadSdk()
    const { Records: results = [] } = await client.send(
      new PutRecordsCommand({
        ...(stream.startsWith('arn:') ? { StreamARN: stream } : { StreamName: stream }),
        Records: records.map(({ data, partitionKey, explicitHashKey }) => ({
          Data: data,
          PartitionKey: partitionKey,
          ...(explicitHashKey === undefined ? {} : { ExplicitHashKey: explicitHashKey }),
        })),
      }),
    )
    if (results.length !== records.length) {
      throw new Error(`PutRecords answered for ${results.length} of ${records.length} records`)
    }
    return results.map(({ ErrorCode: code, ErrorMessage }) =>
      code === undefined || code === '' ? undefined : { code, message: ErrorMessage ?? code },
    )
  }
}
