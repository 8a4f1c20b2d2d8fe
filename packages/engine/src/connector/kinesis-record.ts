import {
  type Address,
  decodeKinesisEgressRecord,
  KINESIS_EGRESS_RECORD,
  StatefunError,
  type TypedValue,
} from '@statefun/protocol'

/** A record that Kinesis can take, and where it goes. */
export interface CheckedKinesisRecord {
  /** Name or ARN. */
  readonly stream: string
  readonly partitionKey: string
  readonly explicitHashKey: string | undefined
  /** A view of the value's bytes. */
  readonly data: Uint8Array
  /** Of data and partition key. */
  readonly bytes: number
}

/** What an egress is called, and what it takes. */
export interface KinesisRecordRules {
  readonly id: string
  /** The stream of records that name none. */
  readonly defaultStream: string | undefined
  readonly maxRecordBytes: number
}

/** Characters of a partition key (AWS: PutRecordsRequestEntry). */
const MOST_KEY_CHARACTERS = 256

/**
 * The record in a value that a function emitted.
 *
 * Stream and hash key are the record's own; `streamName` of the egress is the stream of a record that names none.
 *
 * @throws StatefunError `SF_EGRESS_TYPE`, `SF_PROTOCOL_MALFORMED`, `SF_KINESIS_NO_STREAM_NAME`,
 *   `SF_KINESIS_PARTITION_KEY`, `SF_KINESIS_HASH_KEY`, `SF_KINESIS_RECORD_TOO_LARGE`
 */
export function checkedKinesisRecord(
  { typename, value }: TypedValue,
  { id, defaultStream, maxRecordBytes }: KinesisRecordRules,
  sender: Address | undefined,
): CheckedKinesisRecord {
  if (typename !== KINESIS_EGRESS_RECORD) {
    throw new StatefunError(
      'SF_EGRESS_TYPE',
      `egress ${id} takes values of type ${KINESIS_EGRESS_RECORD}, not of type ${typename}`,
      { hint: 'build the message with the Kinesis egress builder of the SDK' },
    )
  }
  const { stream: own, partitionKey, value: data, explicitHashKey } = decodeKinesisEgressRecord(value)
  const stream = own === '' ? (defaultStream ?? '') : own
  const bytes = data.length + Buffer.byteLength(partitionKey)
  const where = () => kinesisRecordWhere(stream, { partitionKey, bytes, sender })
  if (stream === '') {
    throw new StatefunError('SF_KINESIS_NO_STREAM_NAME', `a record for egress ${id} names no stream`, {
      where: where(),
      hint: 'name the stream in the record, or set streamName at the egress',
    })
  }
  const characters =
    partitionKey.length > MOST_KEY_CHARACTERS ? [...partitionKey].length : partitionKey.length
  if (characters === 0 || characters > MOST_KEY_CHARACTERS) {
    throw new StatefunError(
      'SF_KINESIS_PARTITION_KEY',
      characters === 0
        ? `a record for egress ${id} has no partition key`
        : `a record for egress ${id} has a partition key of ${characters} characters`,
      { where: where(), hint: `give it a partition key of 1 to ${MOST_KEY_CHARACTERS} characters` },
    )
  }
  if (explicitHashKey !== undefined && !isHashKey(explicitHashKey)) {
    throw new StatefunError(
      'SF_KINESIS_HASH_KEY',
      `"${explicitHashKey.slice(0, 64)}" is not a hash key, in a record for egress ${id}`,
      { where: where(), hint: 'give a whole number below 2^128 as decimal text' },
    )
  }
  if (bytes > maxRecordBytes) {
    throw new StatefunError(
      'SF_KINESIS_RECORD_TOO_LARGE',
      `a record for egress ${id} has ${bytes} bytes with its partition key; ${maxRecordBytes} are allowed`,
      {
        where: where(),
        hint: 'emit less, or store it elsewhere and emit where; if the stream takes more, set MaxRecordSizeInKiB in clientConfigProperties as there',
      },
    )
  }
  return { stream, partitionKey, explicitHashKey, data, bytes }
}

/** The coordinates of a record, for errors. */
export function kinesisRecordWhere(
  stream: string,
  {
    partitionKey,
    bytes,
    sender,
  }: { readonly partitionKey: string; readonly bytes: number; readonly sender: Address | undefined },
): string {
  const from =
    sender === undefined ? '' : `function [${sender.namespace}/${sender.type}], id [${sender.id}], `
  return `${from}stream [${stream}], partition key [${shortened(partitionKey)}], size [${bytes}]`
}

function shortened(key: string): string {
  return key.length <= 64 ? key : `${key.slice(0, 64)}… (${key.length} characters)`
}

function isHashKey(text: string): boolean {
  return /^(0|[1-9]\d{0,38})$/.test(text) && BigInt(text) < 2n ** 128n
}
