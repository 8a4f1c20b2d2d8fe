import { type BatchBuilder, NO_STAMP, type RecordRanges } from '../record-batch/batch-builder.ts'
import { BatchCursor } from '../record-batch/batch-cursor.ts'
import type { Compression } from '../record-batch/codec.ts'
import { OutgoingBatch } from './outgoing-batch.ts'
import type { ProducerIdentity } from './producer-identity.ts'

const SPARE_BATCHES = 4

/** What the partitions of an egress share. */
export interface OutgoingContext {
  readonly identity: Pick<ProducerIdentity, 'producerId' | 'producerEpoch' | 'generation'>
  readonly idempotent: boolean
  /** Batches belong to transactions; needs idempotence. */
  readonly transactional: boolean
  readonly compression: Compression
  /** Largest batch in bytes, before compression. */
  readonly maxBatchBytes: number
  /** Registers a batch that begins; returns its id. */
  opened(batch: OutgoingBatch, partition: OutgoingPartition): number
}

/** The queue of batches of one partition. The head is sent first and stays until it is acknowledged: that keeps order. */
export class OutgoingPartition {
  readonly topic: string
  readonly index: number
  /** Node id of the leader, -1 when there is none. */
  leader = -1
  /** The head is on its way, perhaps to a former leader: it must be answered before anybody sends it again. */
  inFlight = false
  /** Nothing is sent for the moment, after an error. */
  blocked = false
  /** Why the head was not taken yet, for the message when its time is up. */
  trouble: string | undefined
  readonly #context: OutgoingContext
  #queue: OutgoingBatch[] = []
  readonly #spare: OutgoingBatch[] = []
  #sequence = 0
  #generation = 0

  constructor(topic: string, index: number, context: OutgoingContext) {
    this.topic = topic
    this.index = index
    this.#context = context
  }

  get head(): OutgoingBatch | undefined {
    return this.#queue[0]
  }

  /** True while a batch takes records; keyless records stick to it. */
  get open(): boolean {
    return this.#queue.at(-1)?.stamped === false
  }

  /** False when the producer's identity was renewed since this partition's last batch was stamped. */
  get identityIsCurrent(): boolean {
    return this.#generation === this.#context.identity.generation
  }

  /** @returns the batch that the record joined */
  append(record: RecordRanges, sizeBound: number, timestamp: number): OutgoingBatch {
    let batch = this.#queue.at(-1)
    if (
      batch === undefined ||
      batch.stamped ||
      batch.builder.size + sizeBound > this.#context.maxBatchBytes
    ) {
      batch = this.#begin()
      this.#queue.push(batch)
    }
    batch.builder.append(record, timestamp)
    return batch
  }

  /** The bytes of the head, stamped when they are sent for the first time. */
  headBytes(head: OutgoingBatch): Buffer {
    const { identity, idempotent, transactional, compression } = this.#context
    if (head.stamped || !idempotent) return head.bytes(NO_STAMP, compression)
    if (this.#generation !== identity.generation) {
      this.#generation = identity.generation
      this.#sequence = 0
    }
    const { producerId, producerEpoch } = identity
    const stamp = { producerId, producerEpoch, baseSequence: this.#sequence, transactional }
    const bytes = head.bytes(stamp, compression)
    // Kafka's sequences wrap after 2^31 - 1.
    this.#sequence = (this.#sequence + head.builder.count) & 0x7fff_ffff
    return bytes
  }

  /** The head was acknowledged; its buffer is used again. */
  shift(): void {
    const batch = this.#queue.shift()
    this.trouble = undefined
    if (batch !== undefined && this.#spare.length < SPARE_BATCHES) this.#spare.push(batch)
  }

  /** Divides the head, which the broker refused as too large, into two batches with the same sequence range. */
  split(head: OutgoingBatch): readonly OutgoingBatch[] {
    const half = Math.ceil(head.builder.count / 2)
    const parts = [this.#begin(), this.#begin()]
    const cursor = new BatchCursor()
    cursor.reset(Buffer.from(head.builder.finish(NO_STAMP, 'none')), 0, undefined)
    for (let i = 0; cursor.next(); i++) appendCurrent(cursor, parts[i < half ? 0 : 1]!.builder)
    for (const part of parts) part.createdAt = head.createdAt
    this.#sequence = head.baseSequence
    this.#queue = [...parts, ...this.#queue.slice(1)]
    return parts
  }

  #begin(): OutgoingBatch {
    const batch = this.#spare.pop() ?? new OutgoingBatch()
    batch.reuse(0, performance.now())
    batch.id = this.#context.opened(batch, this)
    return batch
  }
}

function appendCurrent(cursor: BatchCursor, builder: BatchBuilder): void {
  const headers: { key: string; value: Uint8Array | null }[] = []
  cursor.headers((bytes, keyStart, keyEnd, valueStart, valueEnd) => {
    headers.push({
      key: bytes.toString('utf8', keyStart, keyEnd),
      value: valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd),
    })
  })
  const { bytes, keyStart, keyEnd, valueStart, valueEnd, timestamp } = cursor
  builder.append({ bytes, keyStart, keyEnd, valueStart, valueEnd, headers }, timestamp)
}
