/*
  RecordBatch (magic 2), big endian:
    0  baseOffset            INT64
    8  batchLength           INT32   bytes after this field
    12 partitionLeaderEpoch  INT32
    16 magic                 INT8
    17 crc                   UINT32  crc32c of everything after this field
    21 attributes            INT16   0-2 compression, 3 timestamp type, 4 transactional, 5 control
    23 lastOffsetDelta       INT32
    27 baseTimestamp         INT64
    35 maxTimestamp          INT64
    43 producerId            INT64
    51 producerEpoch         INT16
    53 baseSequence          INT32
    57 recordsCount          INT32
    61 records

  Record:
    length VARINT, attributes INT8, timestampDelta VARLONG, offsetDelta VARINT,
    keyLength VARINT (-1 = null), key, valueLength VARINT (-1 = null), value,
    headersCount VARINT, [ keyLength VARINT, key, valueLength VARINT (-1 = null), value ]

  VARINT and VARLONG are zigzag encoded. Control records have the key `version INT16, type INT16` (0 abort, 1 commit).
*/

/** Byte positions of the fields of a batch header; see the grammar above. */
export const FIELD = {
  batchLength: 8,
  partitionLeaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordsCount: 57,
} as const

/** Bytes of a batch header; the records follow. */
export const BATCH_HEADER_SIZE = 61

/** Bytes before the part that `batchLength` counts. */
export const LOG_OVERHEAD = 12

/** The only batch format that Kafka 0.11 and newer write. */
export const MAGIC = 2

/** Bits of `attributes`. */
export const ATTRIBUTE = {
  compression: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
} as const

/** Producer id of a batch that was written without idempotence. */
export const NO_PRODUCER_ID = -1
