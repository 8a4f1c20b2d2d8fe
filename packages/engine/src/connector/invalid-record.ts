import { StatefunError } from '@statefun/protocol'
import type { Logger } from '../logger.ts'
import type { InvalidRecordHandling } from '../module/model.ts'

/** Why a record cannot become a message; the key is looked at first (contract 6). */
export type RecordDefect = 'NULL_KEY' | 'NULL_VALUE'

/** A record that cannot become a message, with the coordinates that find it again. */
export interface InvalidRecord {
  readonly defect: RecordDefect
  readonly topic: string
  readonly partition: number
  readonly offset: bigint | number
  /** Milliseconds since the epoch. */
  readonly timestamp: bigint | number
  readonly key: string | null
  /** Bytes of the value; -1 when it is null. */
  readonly valueSize: number
}

/** The defect of a record, undefined for one that can be delivered. */
export function recordDefect(key: unknown, value: unknown): RecordDefect | undefined {
  if (key === null || key === undefined) return 'NULL_KEY'
  return value === null || value === undefined ? 'NULL_VALUE' : undefined
}

/** The log line of a skipped record, character for character that of Flink's ingress (contract 6). */
export function skippedRecordText(record: InvalidRecord): string {
  return (
    `Skipping invalid record: defect [${record.defect}], ${coordinates(record)}, ` +
    `key [${record.key}], value size [${record.valueSize}]`
  )
}

/** The exception text of a refused record, character for character that of Flink's ingress (contract 6). */
export function refusedRecordText(record: InvalidRecord): string {
  const key = record.key === null ? '' : `, key [${record.key}]`
  const offending = `Offending record: ${coordinates(record)}${key}.`
  return record.defect === 'NULL_KEY'
    ? `The io.statefun.kafka.v1/ingress ingress requires a UTF-8 key set for each record. ${offending}`
    : `The io.statefun.kafka.v1/ingress ingress cannot process a tombstone (null value) record. ${offending}`
}

/**
 * Applies a topic's policy to a record with a defect: logs it under `skip`.
 *
 * @throws StatefunError `SF_KAFKA_INVALID_RECORD` under `fail`
 */
export function handleInvalidRecord(
  record: InvalidRecord,
  policy: InvalidRecordHandling,
  logger: Logger,
): void {
  if (policy.type === 'fail') {
    throw new StatefunError('SF_KAFKA_INVALID_RECORD', refusedRecordText(record), {
      hint: 'correct the producer, or set invalidRecordHandling: {type: skip} at the topic or the ingress',
    })
  }
  logger[policy.logLevel](
    {
      defect: record.defect,
      topic: record.topic,
      partition: record.partition,
      offset: String(record.offset),
    },
    skippedRecordText(record),
  )
}

function coordinates(record: InvalidRecord): string {
  return (
    `topic [${record.topic}], partition [${record.partition}], offset [${record.offset}], ` +
    `timestamp [${record.timestamp}]`
  )
}
