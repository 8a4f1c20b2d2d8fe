import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { HeaderJson, RecordJson } from '@statefun/engine'
import type { ControlClient } from '../control/control-client.ts'
import type { ReadRecord, Tail } from './tail-record.ts'

interface TopicJson {
  readonly name: string
  readonly partitions: number
  readonly records: number
}

/** The last records of every topic that the process of the parts keeps in memory. */
export async function inProcessTails(
  control: ControlClient,
  most: number,
  signal: AbortSignal,
): Promise<readonly Tail[]> {
  const response = await control.request('GET', '/topics', undefined, { signal })
  const { topics } = (await response.json()) as { readonly topics: readonly TopicJson[] }
  return await Promise.all(
    topics.map(async ({ name, partitions, records }): Promise<Tail> => {
      // An offset counts for every partition: with several of them, what is before the end has to be passed over.
      const from = partitions === 1 ? Math.max(0, records - most) : 'earliest'
      const path = `/topics/${encodeURIComponent(name)}/records?from=${from}`
      const last = await lastLines(
        await control.request('GET', path, undefined, { signal }),
        most * partitions,
      )
      return { name: titleOf(name), total: records, records: last.map(readRecord) }
    }),
  )
}

/** In-process streams are topics of another name. */
function titleOf(name: string): string {
  return name.startsWith('kinesis:') ? `stream ${name.slice('kinesis:'.length)}` : `topic ${name}`
}

async function lastLines(response: Response, most: number): Promise<readonly string[]> {
  if (response.body === null) return []
  // The types of fetch and of Node's streams are two of one thing.
  const lines = createInterface({ input: Readable.fromWeb(response.body as ReadableStream) })
  const last: string[] = []
  for await (const line of lines) {
    last.push(line)
    if (last.length > most) last.shift()
  }
  return last
}

function readRecord(line: string): ReadRecord {
  const record = JSON.parse(line) as RecordJson
  return {
    partition: String(record.partition),
    offset: String(record.offset),
    timestamp: record.timestamp,
    key: bytes(record.key, record.keyBase64),
    value: bytes(record.value, record.valueBase64),
    headers: record.headers.map((header: HeaderJson) => ({
      key: header.key,
      value: bytes(header.value, header.valueBase64),
    })),
  }
}

function bytes(text: string | null | undefined, base64: string | undefined): Uint8Array | null {
  if (base64 !== undefined) return Buffer.from(base64, 'base64')
  return text === null || text === undefined ? null : Buffer.from(text)
}
