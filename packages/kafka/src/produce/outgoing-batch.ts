import { BatchBuilder, type BatchStamp, NO_STAMP } from '../record-batch/batch-builder.ts'
import type { Compression } from '../record-batch/codec.ts'

/** Records of one partition on their way: open while records join, then stamped once and repeated unchanged. */
export class OutgoingBatch {
  /** Grows by one with every batch of an egress. */
  id = 0
  /** Milliseconds of `performance.now()` when the first record joined. */
  createdAt = 0
  attempts = 0
  /** Bytes counted as unacknowledged. */
  accounted = 0
  readonly builder = new BatchBuilder()
  #stamp: BatchStamp = NO_STAMP
  #bytes: Buffer | undefined

  /** Makes it empty and new. */
  reuse(id: number, now: number): void {
    this.id = id
    this.createdAt = now
    this.attempts = 0
    this.accounted = 0
    this.#bytes = undefined
    this.builder.reset()
  }

  /** Closed for further records. */
  get stamped(): boolean {
    return this.#bytes !== undefined
  }

  get baseSequence(): number {
    return this.#stamp.baseSequence
  }

  /** What travels; the same bytes on every call until {@link unstamp}, so that the broker recognises a repetition. */
  bytes(stamp: BatchStamp, compression: Compression): Buffer {
    if (this.#bytes === undefined) {
      this.#stamp = stamp
      this.#bytes = this.builder.finish(stamp, compression)
    }
    return this.#bytes
  }

  /** Lets it be stamped anew, after the broker refused it as it was. */
  unstamp(): void {
    this.#bytes = undefined
  }
}
