import { recordFromJson, recordToJson } from '@statefun/engine'
import type { ControlClient } from '../../control/control-client.ts'
import type { StoredRecord } from './kafka-record.ts'
import type { RecordPlace, RecordToWrite, TopicAccess, TopicPositions } from './topic-access.ts'

/** The topics of the process that holds the parts, over its control server. */
export class InProcessTopics implements TopicAccess {
  readonly #control: ControlClient

  constructor(control: ControlClient) {
    this.#control = control
  }

  async write(
    topic: string,
    records: readonly RecordToWrite[],
    signal: AbortSignal,
  ): Promise<readonly RecordPlace[]> {
    const lines = records.map((record) => {
      const {
        topic: _,
        partition,
        offset,
        timestamp,
        ...json
      } = recordToJson({
        topic,
        partition: 0,
        offset: 0,
        timestamp: 0,
        ...record,
      })
      return JSON.stringify(record.partition === undefined ? json : { ...json, partition: record.partition })
    })
    const response = await this.#control.request('POST', pathOf(topic), lines.join('\n'), {
      signal,
      type: 'application/x-ndjson',
    })
    const { records: places } = (await response.json()) as { readonly records: readonly RecordPlace[] }
    return places.map(({ partition, offset }) => ({ partition, offset }))
  }

  async *follow(
    topic: string,
    from: TopicPositions | undefined,
    signal: AbortSignal,
  ): AsyncIterable<StoredRecord> {
    for await (const record of this.#read(topic, true, signal)) {
      if (record.offset >= (from?.[record.partition] ?? 0)) yield record
    }
  }

  async ends(topic: string, signal: AbortSignal): Promise<TopicPositions> {
    const ends: number[] = []
    for await (const { partition, offset } of this.#read(topic, false, signal)) ends[partition] = offset + 1
    return Array.from(ends, (end: number | undefined) => end ?? 0)
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async *#read(topic: string, follow: boolean, signal: AbortSignal): AsyncIterable<StoredRecord> {
    try {
      const { body } = await this.#control.request('GET', `${pathOf(topic)}?follow=${follow}`, undefined, {
        signal,
      })
      if (body === null) return
      for await (const line of linesOf(body)) {
        const { topic: name, offset, ...json } = JSON.parse(line)
        const { key, value, headers, partition, timestamp } = recordFromJson(json)
        yield {
          topic: name,
          partition: partition ?? 0,
          offset,
          timestamp: timestamp ?? 0,
          key: bytesOf(key),
          value: bytesOf(value),
          headers: headers ?? [],
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

function pathOf(topic: string): string {
  return `/topics/${encodeURIComponent(topic)}/records`
}

function bytesOf(value: Uint8Array | string | null | undefined): Uint8Array | null {
  return typeof value === 'string' ? new TextEncoder().encode(value) : (value ?? null)
}
