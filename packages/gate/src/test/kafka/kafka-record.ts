import type { Metadata } from '@statefun/protocol'

/** A record as it lies in a topic. */
export interface StoredRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  /** In order, duplicates kept. */
  readonly headers: readonly Metadata[]
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** A record that a test has read; `Value` is bytes unless the read said how to decode them (`as`). */
export class KafkaRecord<Value = Uint8Array | null> {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  /** As UTF-8; null for a record without key. */
  readonly key: string | null
  readonly keyBytes: Uint8Array | null
  readonly value: Value
  /** In order, duplicates kept; a header's value may be null. */
  readonly headers: readonly Metadata[]
  readonly #bytes: Uint8Array | null

  constructor(stored: StoredRecord, value: Value) {
    this.topic = stored.topic
    this.partition = stored.partition
    this.offset = stored.offset
    this.timestamp = stored.timestamp
    this.key = stored.key === null ? null : decoder.decode(stored.key)
    this.keyBytes = stored.key
    this.value = value
    this.headers = stored.headers
    this.#bytes = stored.value
  }

  /** The value as UTF-8; null for a tombstone. */
  text(): string | null {
    return this.#bytes === null ? null : decoder.decode(this.#bytes)
  }

  /** The value as JSON. @throws SyntaxError when it is none */
  json(): unknown {
    return JSON.parse(this.text() ?? 'null')
  }

  /** The last value of a header by its name; null when that is null, undefined when there is no such header. */
  header(name: string): Uint8Array | null | undefined {
    return this.headers.findLast(({ key }) => key === name)?.value
  }

  /** The same as UTF-8. */
  headerText(name: string): string | null | undefined {
    const value = this.header(name)
    return value === null || value === undefined ? value : decoder.decode(value)
  }
}
