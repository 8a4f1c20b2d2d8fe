import { StatefunError } from '@statefun/protocol'
import type { NewRecord, TopicRecord } from './topic-record.ts'

/** Bytes in JSON: `<name>` as text where they are UTF-8, else `<name>Base64`; null where there are none. */
export interface HeaderJson {
  readonly key: string
  readonly value?: string | null
  readonly valueBase64?: string
}

/** A record as JSON, the form of the admin API and of `statefun tail --json`. */
export interface RecordJson {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  readonly key?: string | null
  readonly keyBase64?: string
  readonly value?: string | null
  readonly valueBase64?: string
  readonly headers: readonly HeaderJson[]
}

/** A record to write as JSON; what is left out is null, a header without value is a null header. */
export type NewRecordJson = Partial<Omit<RecordJson, 'topic' | 'offset'>>

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const FIELDS = new Set(['key', 'keyBase64', 'value', 'valueBase64', 'headers', 'partition', 'timestamp'])

export function recordToJson(record: TopicRecord): RecordJson {
  const { topic, partition, offset, timestamp, headers } = record
  return {
    topic,
    partition,
    offset,
    timestamp,
    ...bytesToJson('key', record.key),
    ...bytesToJson('value', record.value),
    headers: headers.map((header) => ({ key: header.key, ...bytesToJson('value', header.value) })),
  }
}

/** @throws StatefunError `SF_RECORD_JSON` naming the field that is wrong */
export function recordFromJson(json: unknown): NewRecord {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw invalid('a record is a JSON object')
  const record = json as Record<string, unknown>
  for (const field of Object.keys(record)) {
    if (!FIELDS.has(field)) throw invalid(`unknown field "${field}"; known are ${[...FIELDS].join(', ')}`)
  }
  const { headers = [], partition, timestamp } = record
  if (!Array.isArray(headers)) throw invalid('"headers" is a list of {key, value}')
  return {
    key: bytesFromJson(record, 'key'),
    value: bytesFromJson(record, 'value'),
    headers: headers.map((header: unknown) => {
      if (typeof header !== 'object' || header === null) throw invalid('a header is {key, value}')
      const { key } = header as Record<string, unknown>
      if (typeof key !== 'string') throw invalid('"key" of a header is text')
      return { key, value: bytesFromJson(header as Record<string, unknown>, 'value') }
    }),
    partition: wholeNumber(partition, 'partition'),
    timestamp: wholeNumber(timestamp, 'timestamp'),
  }
}

function bytesToJson<N extends string>(
  name: N,
  bytes: Uint8Array | null,
): { [K in N]?: string | null } & { [K in `${N}Base64`]?: string } {
  type Json = { [K in N]?: string | null } & { [K in `${N}Base64`]?: string }
  if (bytes === null) return { [name]: null } as Json
  try {
    return { [name]: strict.decode(bytes) } as Json
  } catch {
    return { [`${name}Base64`]: Buffer.from(bytes).toString('base64') } as Json
  }
}

function bytesFromJson(json: Record<string, unknown>, name: string): Uint8Array | null {
  const text = json[name]
  const base64 = json[`${name}Base64`]
  if (base64 !== undefined) {
    if (text !== undefined) throw invalid(`"${name}" and "${name}Base64" exclude each other`)
    if (typeof base64 !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
      throw invalid(`"${name}Base64" is not base64`)
    }
    return new Uint8Array(Buffer.from(base64, 'base64'))
  }
  if (text === undefined || text === null) return null
  if (typeof text !== 'string') throw invalid(`"${name}" is text or null`)
  return new TextEncoder().encode(text)
}

function wholeNumber(value: unknown, name: string): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw invalid(`"${name}" is a whole number of at least 0`)
  }
  return value
}

function invalid(message: string): StatefunError {
  return new StatefunError('SF_RECORD_JSON', message, {
    hint: 'send {"key": "k", "value": "text", "headers": [{"key": "h", "value": "v"}]}, bytes as keyBase64 and valueBase64',
  })
}
