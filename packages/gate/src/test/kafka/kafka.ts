import { parseDuration } from '@statefun/protocol'
import { collect } from '../collect.ts'
import type { Decoder, Encoder } from '../decoder.ts'
import { notThere } from '../not-there.ts'
import { showBytes } from '../show-bytes.ts'
import { KafkaRecord, type StoredRecord } from './kafka-record.ts'
import type { RecordPlace, RecordToWrite, TopicAccess, TopicPositions } from './topic-access.ts'

/** Headers of a record to send; a list keeps order and duplicates. */
export type HeadersToSend =
  | Readonly<Record<string, string | Uint8Array | null>>
  | readonly (readonly [name: string, value: string | Uint8Array | null])[]

interface SendBase {
  /** Text is sent as UTF-8; null or nothing for a record without key. */
  readonly key?: string | Uint8Array | null
  readonly headers?: HeadersToSend
  /** By the key's hash when left out. */
  readonly partition?: number
}

/** A record to send; a value that is neither text nor bytes needs a type. */
export type RecordToSend<In = unknown> =
  | (SendBase & { readonly value?: string | Uint8Array | null; readonly as?: undefined })
  | (SendBase & { readonly value: In; readonly as: Encoder<In> })

/** Which records a read is about. */
export interface ReadOptions<Value> {
  /** Decodes values: a type of the SDK, such as `types.long`. Without it they are bytes. */
  readonly as?: Decoder<Value>
  /** Only records for which it is true; all when left out. */
  readonly match?: (record: KafkaRecord<Value>) => boolean
  /** From `kafka.end(topic)`; the topic's beginning when left out. */
  readonly from?: TopicPositions
  /** Longest wait: `'10 s'` or milliseconds. Default 20 s, 60 s with a real broker. */
  readonly timeout?: string | number
}

/** Says when there is enough. */
export type ReadAllOptions<Value> = ReadOptions<Value> &
  (
    | { readonly until: (records: readonly KafkaRecord<Value>[]) => boolean; readonly count?: undefined }
    | { readonly count: number; readonly until?: undefined }
  )

/** How many records a message about a read that failed shows. */
const SHOWN = 10

/** What a test does with Kafka; the same for a broker and for in-process topics. */
export class Kafka {
  readonly #topics: TopicAccess
  readonly #timeoutMs: number
  readonly #explain: () => Promise<string>

  /**
   * @param timeoutMs default limit of waits
   * @param explain what is known of the app, for messages about what did not arrive
   */
  constructor(topics: TopicAccess, timeoutMs: number, explain: () => Promise<string>) {
    this.#topics = topics
    this.#timeoutMs = timeoutMs
    this.#explain = explain
  }

  /**
   * Sends records in order and settles when they are stored, with their places. While the broker is away it tries again.
   *
   * @throws StatefunError `SF_GATE_KAFKA` when that took too long
   * @example
   * await kafka.send('counter.commands', { key: 'a', as: CounterCommand, value: { id: 'a', delta: 5n } })
   */
  send<In>(topic: string, record: RecordToSend<In>): Promise<RecordPlace>
  send<In>(topic: string, records: readonly RecordToSend<In>[]): Promise<readonly RecordPlace[]>
  async send<In>(
    topic: string,
    records: RecordToSend<In> | readonly RecordToSend<In>[],
  ): Promise<RecordPlace | readonly RecordPlace[]> {
    const all = isList(records) ? records : [records]
    const places = await this.#topics.write(
      topic,
      all.map((record) => toBytes(record)),
      AbortSignal.timeout(this.#timeoutMs),
    )
    return isList(records) ? places : (places[0] ?? { partition: 0, offset: 0 })
  }

  /**
   * The first record of a topic, or the first that matches; with `until` or `count` all that match, as soon as they are
   * enough. It waits for what is not there yet.
   *
   * @throws StatefunError `SF_GATE_NOT_THERE` with what did arrive, when the time is over
   * @example
   * const { value } = await kafka.read('counter.results', { as: CounterResult, match: (record) => record.key === 'a' })
   */
  read<Value = Uint8Array | null>(
    topic: string,
    options: ReadAllOptions<Value>,
  ): Promise<readonly KafkaRecord<Value>[]>
  read<Value = Uint8Array | null>(topic: string, options?: ReadOptions<Value>): Promise<KafkaRecord<Value>>
  async read<Value>(
    topic: string,
    options: ReadOptions<Value> | ReadAllOptions<Value> = {},
  ): Promise<KafkaRecord<Value> | readonly KafkaRecord<Value>[]> {
    const { from, match = () => true, timeout } = options
    const until = untilOf(options)
    const matching: KafkaRecord<Value>[] = []
    const unreadable = new Map<StoredRecord, unknown>()
    const { items, complete } = await collect(
      (signal) => this.#topics.follow(topic, from, signal),
      (_, stored) => {
        let record: KafkaRecord<Value>
        try {
          record = decode(stored, options.as)
        } catch (error) {
          // A record of another test or a poison one: not a match, and shown when the right one does not come.
          unreadable.set(stored, error)
          return false
        }
        if (!match(record)) return false
        matching.push(record)
        return until === undefined || until(matching)
      },
      timeout === undefined ? this.#timeoutMs : parseDuration(timeout),
    )
    const [first] = matching
    if (complete && first !== undefined) return until === undefined ? first : matching
    const seconds = (timeout === undefined ? this.#timeoutMs : parseDuration(timeout)) / 1000
    throw notThere(`topic [${topic}]: ${wanted(options, matching.length)} within ${seconds} s`, [
      `${items.length} records arrived${items.length > SHOWN ? `, the last ${SHOWN}` : ''}:`,
      ...items.slice(-SHOWN).map((record) => `  ${show(record, unreadable.get(record))}`),
      await this.#explain(),
    ])
  }

  /**
   * The last records of a topic as they are now, oldest first; it does not wait for more.
   *
   * @param count default 10
   */
  async tail(topic: string, count = 10): Promise<readonly KafkaRecord[]> {
    const ends = await this.end(topic)
    const from = ends.map((end) => Math.max(0, end - count))
    const left = new Set(ends.flatMap((end, partition) => (end > 0 ? [partition] : [])))
    if (left.size === 0) return []
    const { items } = await collect(
      (signal) => this.#topics.follow(topic, from, signal),
      (_, { partition, offset }) => {
        if (offset + 1 >= (ends[partition] ?? 0)) left.delete(partition)
        return left.size === 0
      },
      // Offsets may be those of transaction markers, which nobody gets to read: what came until then is the tail.
      TAIL_MS,
    )
    return items
      .toSorted((a, b) => a.timestamp - b.timestamp)
      .slice(-count)
      .map((stored) => new KafkaRecord(stored, stored.value))
  }

  /** Where the next records of a topic go: what comes after that is read with `from`. */
  async end(topic: string): Promise<TopicPositions> {
    return await this.#topics.ends(topic, AbortSignal.timeout(this.#timeoutMs))
  }
}

const TAIL_MS = 3_000

function decode<Value>(stored: StoredRecord, as: Decoder<Value> | undefined): KafkaRecord<Value> {
  if (as === undefined) return new KafkaRecord(stored, stored.value as Value)
  if (stored.value === null) throw new Error('it has no value')
  return new KafkaRecord(stored, as.deserialize(stored.value))
}

function untilOf<Value>(
  options: ReadOptions<Value> | ReadAllOptions<Value>,
): ((records: readonly KafkaRecord<Value>[]) => boolean) | undefined {
  if ('until' in options && options.until !== undefined) return options.until
  if ('count' in options && options.count !== undefined) {
    const { count } = options
    return (records) => records.length >= count
  }
  return undefined
}

function wanted(options: object, found: number): string {
  if ('count' in options && options.count !== undefined) return `${found} of ${options.count} records matched`
  if ('until' in options && options.until !== undefined) return `${found} records matched and were not enough`
  return 'no record matched'
}

function toBytes<In>(record: RecordToSend<In>): RecordToWrite {
  const { key, headers = [], partition } = record
  const pairs = isList(headers) ? headers : Object.entries(headers)
  return {
    key: bytesOf(key),
    value: record.as === undefined ? bytesOf(record.value) : record.as.serialize(record.value),
    headers: pairs.map(([name, content]) => ({ key: name, value: bytesOf(content) })),
    ...(partition === undefined ? {} : { partition }),
  }
}

function bytesOf(value: string | Uint8Array | null | undefined): Uint8Array | null {
  return typeof value === 'string' ? new TextEncoder().encode(value) : (value ?? null)
}

function isList<Item, Other>(value: readonly Item[] | Other): value is readonly Item[] {
  return Array.isArray(value)
}

function show(record: StoredRecord, error: unknown): string {
  const headers = record.headers.map(({ key, value }) => `${key}=${showBytes(value)}`).join(' ')
  return [
    `partition [${record.partition}] offset [${record.offset}] key ${showBytes(record.key)}`,
    headers === '' ? '' : ` headers ${headers}`,
    ` value ${showBytes(record.value)}`,
    error === undefined ? '' : ` (cannot be read: ${error instanceof Error ? error.message : String(error)})`,
  ].join('')
}
