import { parseDuration } from '@statefun/protocol'
import { collect } from '../collect.ts'
import type { Decoder, Encoder } from '../decoder.ts'
import { notThere } from '../not-there.ts'
import { showBytes } from '../show-bytes.ts'
import type { StoredStreamRecord, StreamAccess, StreamRecordToWrite } from './stream-access.ts'

/** A record to send; a value that is neither text nor bytes needs a type. */
export type StreamRecordToSend<In = unknown> = {
  readonly partitionKey: string
  readonly explicitHashKey?: string
} & (
  | { readonly data: string | Uint8Array; readonly as?: undefined }
  | { readonly data: In; readonly as: Encoder<In> }
)

/** A record that a test has read; `data` is bytes unless the read said how to decode them (`as`). */
export interface StreamRecord<Data = Uint8Array> extends Omit<StoredStreamRecord, 'data'> {
  readonly data: Data
}

/** Which records a read is about. */
export interface StreamReadOptions<Data> {
  /** Decodes data: a type of the SDK. Without it they are bytes. */
  readonly as?: Decoder<Data>
  /** Only records for which it is true; all when left out. */
  readonly match?: (record: StreamRecord<Data>) => boolean
  /** Longest wait: `'10 s'` or milliseconds. Default 20 s, 60 s with real parts. */
  readonly timeout?: string | number
}

/** Says when there is enough. */
export type StreamReadAllOptions<Data> = StreamReadOptions<Data> &
  (
    | { readonly until: (records: readonly StreamRecord<Data>[]) => boolean; readonly count?: undefined }
    | { readonly count: number; readonly until?: undefined }
  )

const SHOWN = 10

/** What a test does with Kinesis; the same for a LocalStack and for in-process streams. */
export class Kinesis {
  readonly #streams: StreamAccess
  readonly #timeoutMs: number
  readonly #explain: () => Promise<string>

  /** As those of Kafka. */
  constructor(streams: StreamAccess, timeoutMs: number, explain: () => Promise<string>) {
    this.#streams = streams
    this.#timeoutMs = timeoutMs
    this.#explain = explain
  }

  /**
   * Sends records in order and settles when they are stored.
   *
   * @param stream its name
   * @throws StatefunError `SF_GATE_KINESIS` when that took too long
   */
  async send<In>(
    stream: string,
    records: StreamRecordToSend<In> | readonly StreamRecordToSend<In>[],
  ): Promise<void> {
    const all = isList(records) ? records : [records]
    await this.#streams.write(
      stream,
      all.map((record) => toBytes(record)),
      AbortSignal.timeout(this.#timeoutMs),
    )
  }

  /**
   * The first record of a stream, or the first that matches; with `until` or `count` all that match, as soon as they are
   * enough. It waits for what is not there yet.
   *
   * @throws StatefunError `SF_GATE_NOT_THERE` with what did arrive, when the time is over
   */
  read<Data = Uint8Array>(
    stream: string,
    options: StreamReadAllOptions<Data>,
  ): Promise<readonly StreamRecord<Data>[]>
  read<Data = Uint8Array>(stream: string, options?: StreamReadOptions<Data>): Promise<StreamRecord<Data>>
  async read<Data>(
    stream: string,
    options: StreamReadOptions<Data> | StreamReadAllOptions<Data> = {},
  ): Promise<StreamRecord<Data> | readonly StreamRecord<Data>[]> {
    const { match = () => true, timeout } = options
    const timeoutMs = timeout === undefined ? this.#timeoutMs : parseDuration(timeout)
    const until = untilOf(options)
    const matching: StreamRecord<Data>[] = []
    const { items, complete } = await collect(
      (signal) => this.#streams.follow(stream, signal),
      (_, stored) => {
        const record = decode(stored, options.as)
        if (record === undefined || !match(record)) return false
        matching.push(record)
        return until === undefined || until(matching)
      },
      timeoutMs,
    )
    const [first] = matching
    if (complete && first !== undefined) return until === undefined ? first : matching
    throw notThere(
      `stream [${stream}]: ${matching.length} records matched${until === undefined ? '' : ' and were not enough'} within ${timeoutMs / 1000} s`,
      [
        `${items.length} records arrived${items.length > SHOWN ? `, the last ${SHOWN}` : ''}:`,
        ...items.slice(-SHOWN).map((record) => `  ${show(record)}`),
        await this.#explain(),
      ],
    )
  }

  /**
   * The last records of a stream as they are now; it does not wait for more.
   *
   * @param count default 10
   */
  async tail(stream: string, count = 10): Promise<readonly StreamRecord[]> {
    return (await this.#streams.now(stream, AbortSignal.timeout(this.#timeoutMs))).slice(-count)
  }
}

/** Undefined where the data cannot be read: a record of another test, no match. */
function decode<Data>(
  stored: StoredStreamRecord,
  as: Decoder<Data> | undefined,
): StreamRecord<Data> | undefined {
  if (as === undefined) return { ...stored, data: stored.data as Data }
  try {
    return { ...stored, data: as.deserialize(stored.data) }
  } catch {
    return undefined
  }
}

function untilOf<Data>(
  options: StreamReadOptions<Data> | StreamReadAllOptions<Data>,
): ((records: readonly StreamRecord<Data>[]) => boolean) | undefined {
  if ('until' in options && options.until !== undefined) return options.until
  if ('count' in options && options.count !== undefined) {
    const { count } = options
    return (records) => records.length >= count
  }
  return undefined
}

function toBytes<In>(record: StreamRecordToSend<In>): StreamRecordToWrite {
  const { partitionKey, explicitHashKey } = record
  const data =
    record.as !== undefined
      ? record.as.serialize(record.data)
      : typeof record.data === 'string'
        ? new TextEncoder().encode(record.data)
        : record.data
  return { partitionKey, data, ...(explicitHashKey === undefined ? {} : { explicitHashKey }) }
}

function isList<Item, Other>(value: readonly Item[] | Other): value is readonly Item[] {
  return Array.isArray(value)
}

function show({ shard, sequenceNumber, partitionKey, data }: StoredStreamRecord): string {
  return `${shard} ${sequenceNumber} partition key ${JSON.stringify(partitionKey)} data ${showBytes(data)}`
}
