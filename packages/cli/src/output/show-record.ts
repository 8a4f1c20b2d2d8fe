import type { RecordJson } from '@statefun/engine'
import type { TopicFormat } from '../config.ts'
import { readable } from './readable.ts'

/** A record as it is shown: what it says, as far as it can be read. */
export interface ShownRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: string
  readonly value: string
  readonly headers: string
}

/** Prepares a record for a line of output; bytes that are no text are shown in hexadecimal. */
export function showRecord(record: RecordJson, format?: TopicFormat): ShownRecord {
  return {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    key: readable(bytesOf(record.key, record.keyBase64)),
    value: readableValue(record, format),
    headers: record.headers
      .map((header) => `${header.key}=${readable(bytesOf(header.value, header.valueBase64))}`)
      .join(' '),
  }
}

/** One line without colours: `counter.results/0@12 alice {"total":"3"} [trace=1]`. */
export function recordLine(record: ShownRecord): string {
  const headers = record.headers === '' ? '' : ` [${record.headers}]`
  return `${record.topic}/${record.partition}@${record.offset} ${record.key} ${record.value}${headers}`
}

/** The bytes of a record's key or value; null when there are none. */
export function bytesOf(text: string | null | undefined, base64: string | undefined): Uint8Array | null {
  if (base64 !== undefined) return new Uint8Array(Buffer.from(base64, 'base64'))
  return text === null || text === undefined ? null : new TextEncoder().encode(text)
}

function readableValue(record: RecordJson, format: TopicFormat | undefined): string {
  const bytes = bytesOf(record.value, record.valueBase64)
  if (format !== undefined && bytes !== null) {
    try {
      return JSON.stringify(format.toJson(bytes), (_, value: unknown) =>
        typeof value === 'bigint' ? value.toString() : value,
      )
    } catch {
      // Not what the format expects: shown as it is.
    }
  }
  return readable(bytes)
}
