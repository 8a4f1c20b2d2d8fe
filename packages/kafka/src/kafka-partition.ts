import {
  type ByteRange,
  handleInvalidRecord,
  type InvalidRecordCounters,
  type KafkaTopicRoute,
  type Logger,
  type RecordDefect,
  type SourcePartition,
} from '@statefun/engine'
import { type Metadata, StatefunError } from '@statefun/protocol'
import type { FetchedPartition } from './fetch/fetch-call.ts'
import type { IdDecoder } from './id-decoder.ts'
import { BatchCursor } from './record-batch/batch-cursor.ts'

/** Parts of fetch responses that may wait in a partition: one being read and one ready behind it. */
const MAX_CHUNKS = 2

/**
 * What is asked for first. Records are read soon where this is enough, and a chunk that is read soon is freed with the young
 * generation; one that waits is garbage that only a full collection frees.
 */
const FIRST_CHUNK_BYTES = 128 << 10

/** What the partitions of an ingress share. */
export interface PartitionContext {
  readonly logger: Logger
  readonly ids: IdDecoder
  readonly counters: InvalidRecordCounters
  readonly readCommitted: boolean
  /** A compressed batch that unfolds to more is refused. */
  readonly maxDecompressedBytes: number
  /** A partition gave room for more; `bytes` were freed. */
  consumed(bytes: number): void
}

interface Chunk {
  readonly fetched: FetchedPartition
  /** First wanted offset of the chunk. */
  readonly from: number
}

/** One Kafka partition as the engine pulls it. The fetching side adds chunks with {@link add}. */
export class KafkaPartition implements SourcePartition {
  readonly name: string
  readonly topic: string
  readonly index: number
  readonly route: KafkaTopicRoute
  /** Node id of the leader, -1 when there is none; kept by the source. */
  leader = -1
  leaderEpoch = -1
  /** Last high watermark seen, for the lag. */
  highWatermark = -1

  #chunkBytes = FIRST_CHUNK_BYTES
  readonly #context: PartitionContext
  readonly #cursor: BatchCursor
  readonly #waiting: Chunk[] = []
  #current: Chunk | undefined
  #fetchOffset: number
  #position: number
  #id: string | undefined
  readonly #idBytes: { -readonly [Field in keyof ByteRange]: ByteRange[Field] } = {
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
  }

  /** @param start offset of the first record to take */
  constructor(index: number, route: KafkaTopicRoute, start: number, context: PartitionContext) {
    this.name = `${route.topic}/${index}`
    this.topic = route.topic
    this.index = index
    this.route = route
    this.#fetchOffset = start
    this.#position = start
    this.#context = context
    this.#cursor = new BatchCursor(context.maxDecompressedBytes)
  }

  /** Where the next fetch has to start. */
  get fetchOffset(): number {
    return this.#fetchOffset
  }

  /** Offset of the next record to take. */
  get nextOffset(): number {
    return this.#position
  }

  /** Chunks that have not been read to their end. */
  get buffered(): number {
    return this.#waiting.length + (this.#current === undefined ? 0 : 1)
  }

  get hasRoom(): boolean {
    return this.buffered < MAX_CHUNKS
  }

  /** Bytes to ask for in the next fetch, unless less is allowed: as many as keep the engine busy until the one after. */
  get chunkBytes(): number {
    return this.#chunkBytes
  }

  /** Takes records that were fetched at {@link fetchOffset}; `endOffset` is where the next fetch starts. */
  add(fetched: FetchedPartition, endOffset: number): void {
    if (this.buffered === 0 && fetched.records.length > this.#chunkBytes / 2) this.#chunkBytes *= 2
    this.#waiting.push({ fetched, from: this.#fetchOffset })
    this.#fetchOffset = endOffset
  }

  /** Goes on elsewhere because the offset to fetch is not there any more; buffered records are still delivered. */
  jumpTo(offset: number): void {
    this.#fetchOffset = offset
    if (this.buffered === 0) this.#position = offset
  }

  /** Frees all that is buffered. */
  clear(): void {
    this.#waiting.length = 0
    this.#current = undefined
    this.#cursor.reset(Buffer.alloc(0), 0, undefined)
  }

  next(): boolean {
    const cursor = this.#cursor
    this.#id = undefined
    for (;;) {
      if (this.#current === undefined && !this.#enterChunk()) return false
      if (!this.#advance()) {
        this.#leaveChunk()
        continue
      }
      if (cursor.keyStart >= 0 && cursor.valueStart >= 0) {
        this.#position = cursor.offset + 1
        return true
      }
      this.#reject(cursor.keyStart < 0 ? 'NULL_KEY' : 'NULL_VALUE')
      this.#position = cursor.offset + 1
    }
  }

  id(): string {
    const cursor = this.#cursor
    this.#id ??= this.#context.ids.decode(cursor.bytes, cursor.keyStart, cursor.keyEnd)
    return this.#id
  }

  idBytes(): ByteRange {
    const { bytes, keyStart, keyEnd } = this.#cursor
    const range = this.#idBytes
    range.bytes = bytes
    range.start = keyStart
    range.end = keyEnd
    return range
  }

  value(): Uint8Array {
    const { bytes, valueStart, valueEnd } = this.#cursor
    return new Uint8Array(bytes.buffer, bytes.byteOffset + valueStart, valueEnd - valueStart)
  }

  metadata(): readonly Metadata[] | undefined {
    if (!this.route.forwardHeaders) return undefined
    const metadata: Metadata[] = []
    this.#cursor.headers((bytes, keyStart, keyEnd, valueStart, valueEnd) => {
      metadata.push({
        key: keyStart < 0 ? '' : bytes.toString('utf8', keyStart, keyEnd),
        value: valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd),
      })
    })
    return metadata
  }

  position(): string {
    return String(this.#position)
  }

  #enterChunk(): boolean {
    const chunk = this.#waiting.shift()
    if (chunk === undefined) return false
    this.#current = chunk
    const { records, aborted } = chunk.fetched
    this.#cursor.reset(records, chunk.from, this.#context.readCommitted ? aborted : undefined)
    return true
  }

  #leaveChunk(): void {
    const bytes = this.#current!.fetched.records.length
    this.#current = undefined
    // Control batches and aborted records at the end move the position although nobody sees them.
    this.#position = this.#waiting[0]?.from ?? this.#fetchOffset
    this.#cursor.reset(Buffer.alloc(0), 0, undefined)
    this.#context.consumed(bytes)
  }

  #advance(): boolean {
    try {
      return this.#cursor.next()
    } catch (error) {
      if (!(error instanceof StatefunError)) throw error
      throw new StatefunError(error.code, error.message, {
        where: `topic [${this.topic}], partition [${this.index}]`,
        cause: error.cause,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      })
    }
  }

  #reject(defect: RecordDefect): void {
    const { topic, index, route } = this
    const { bytes, keyStart, keyEnd, valueStart, valueEnd, offset, timestamp } = this.#cursor
    handleInvalidRecord(
      {
        defect,
        topic,
        partition: index,
        offset,
        timestamp,
        key: keyStart < 0 ? null : bytes.toString('utf8', keyStart, keyEnd),
        valueSize: valueStart < 0 ? -1 : valueEnd - valueStart,
      },
      route.invalidRecordHandling,
      this.#context.logger,
    )
    this.#context.counters.skipped(topic, defect)
  }
}
