import type { TailRecord } from '../report/run-report.ts'
import { type BytesPreview, preview, shortPreview } from './preview.ts'

/** A record of a topic or stream as it was read. */
export interface ReadRecord {
  /** Partition, or name of the shard. */
  readonly partition: string
  /** Offset, or sequence number. */
  readonly offset: string
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array | null }[]
}

/** The last records of a topic or stream, oldest first. */
export interface Tail {
  /** `topic counter.results` */
  readonly name: string
  /** How many there are in all, as far as known; with control records where there are transactions. */
  readonly total?: number
  readonly records: readonly ReadRecord[]
}

/** A record in a file of evidence. */
export interface RecordJson {
  readonly position: string
  readonly time: string
  readonly key: BytesPreview | null
  readonly value: BytesPreview | null
  readonly headers?: readonly { readonly key: string; readonly value: BytesPreview | null }[]
}

/** A record as the evidence keeps it: time in ISO 8601, bytes as {@link preview} shows them. */
export function recordJson(record: ReadRecord): RecordJson {
  return {
    position: positionOf(record),
    time: new Date(record.timestamp).toISOString(),
    key: preview(record.key),
    value: preview(record.value),
    ...(record.headers.length === 0
      ? {}
      : { headers: record.headers.map(({ key, value }) => ({ key, value: preview(value) })) }),
  }
}

/** A record in a table of a report. */
export function tailRecord(record: ReadRecord): TailRecord {
  const headers = record.headers.map(({ key, value }) => `${key}=${shortPreview(value, 60)}`).join(' ')
  return {
    position: positionOf(record),
    key: shortPreview(record.key, 80),
    value: shortPreview(record.value),
    ...(headers === '' ? {} : { headers }),
  }
}

function positionOf({ partition, offset }: ReadRecord): string {
  return `${partition}@${offset}`
}
