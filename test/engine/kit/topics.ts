import type { Metadata } from '@statefun/protocol'
import { kafkaRecordValue } from '@statefun/protocol'
import {
  egress,
  ingress,
  newSink,
  newSource,
  RecordedSinkListener,
  route,
  type Taken,
  Taker,
} from '../../../packages/kafka/test/kit.ts'

/** A record to send. */
export interface Sent {
  readonly topic: string
  readonly key: string
  readonly value: string
  readonly headers?: readonly Metadata[]
}

/** Writes records in order; settles when all are acknowledged. */
export class TopicWriter {
  readonly #sink

  private constructor(bootstrap: string) {
    this.#sink = newSink(egress(bootstrap))
  }

  static async open(bootstrap: string): Promise<TopicWriter> {
    const writer = new TopicWriter(bootstrap)
    await writer.#sink.start(new RecordedSinkListener())
    return writer
  }

  async send(records: Iterable<Sent>): Promise<void> {
    for (const { topic, key, value, headers = [] } of records) {
      this.#sink.write(kafkaRecordValue({ topic, key, value: Buffer.from(value), headers }))
    }
    await this.#sink.flush()
  }

  close(): Promise<void> {
    return this.#sink.stop()
  }
}

/** Reads what is committed of a topic, from its beginning, for as long as a test runs. */
export class TopicReader {
  readonly #source
  readonly #taker = new Taker()

  private constructor(bootstrap: string, topic: string) {
    const properties = [['isolation.level', 'read_committed']] as const
    this.#source = newSource(ingress(bootstrap, [route(topic, { forwardHeaders: true })], { properties }))
  }

  static async open(bootstrap: string, topic: string): Promise<TopicReader> {
    const reader = new TopicReader(bootstrap, topic)
    await reader.#source.start(reader.#taker, new Map())
    return reader
  }

  get records(): readonly Taken[] {
    return this.#taker.taken
  }

  /** The values of one key, in order. */
  values(key: string): string[] {
    return this.records.filter(({ id }) => id === key).map(({ value }) => value)
  }

  /** The values of all keys, each in order. */
  byKey(): Map<string, string[]> {
    const found = new Map<string, string[]>()
    for (const { id, value } of this.records) {
      const values = found.get(id)
      if (values === undefined) found.set(id, [value])
      else values.push(value)
    }
    return found
  }

  /** Waits for a condition on what was read. */
  until(condition: () => boolean, what: string, ms?: number): Promise<void> {
    return this.#taker.until(condition, what, ms)
  }

  close(): Promise<void> {
    return this.#source.stop()
  }
}
