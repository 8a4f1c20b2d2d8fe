import type { Clock } from '../clock.ts'
import { recordBlocks } from './record-blocks.ts'
import type { Segment } from './segment.ts'
import type { SpillStore } from './spill-store.ts'
import { recordHash, recordLength } from './spilled-record.ts'

export interface ReclaimerOptions {
  readonly store: SpillStore
  readonly clock: Clock
  /** Whether nothing of the record at `at` would be sent to its function any more. */
  readonly expired: (from: Buffer, at: number, now: number) => boolean
  /** Bytes of gaps that are never worth closing; 128 MiB by default. */
  readonly spareBytes?: number
}

const SPARE_BYTES = 128 * 1024 * 1024

/**
 * Keeps the files of a store from growing: copies what still counts out of the segment that has the most gaps, and removes
 * it. Records that have expired are left behind, whether or not their key is ever asked for again.
 *
 * It works in the background, a block of records at a time, and rests while the store is pinned.
 */
export class Reclaimer {
  readonly #options: ReclaimerOptions
  #running: Promise<void> | undefined
  #closed = false

  constructor(options: ReclaimerOptions) {
    this.#options = options
  }

  /**
   * Starts work if there is some.
   *
   * @param sweepAfterMs how long expired records may stay where nothing else is to be done; undefined: none expire
   */
  poke(now: number, sweepAfterMs: number | undefined): void {
    if (this.#running !== undefined || this.#closed || this.#options.store.pinned) return
    const victim = this.#victim()
    const segment = victim ?? this.#overdue(now, sweepAfterMs)
    if (segment === undefined) return
    this.#running = this.#clean(segment, victim !== undefined).then(
      () => {
        this.#running = undefined
      },
      (error: unknown) => this.#options.store.fail(error),
    )
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  /** With as many gaps as records, a segment that was not touched at random for long is almost empty: little is copied. */
  #victim(): Segment | undefined {
    const { store, spareBytes = SPARE_BYTES } = this.#options
    if (store.totalBytes - store.liveBytes <= Math.max(store.liveBytes, spareBytes)) return undefined
    let best: Segment | undefined
    for (const segment of store.segments.values()) {
      if (!segment.settled) continue
      if (best === undefined || segment.liveBytes * best.bytes < best.liveBytes * segment.bytes)
        best = segment
    }
    return best
  }

  #overdue(now: number, sweepAfterMs: number | undefined): Segment | undefined {
    if (sweepAfterMs === undefined) return undefined
    for (const segment of this.#options.store.segments.values()) {
      if (segment.settled && now >= segment.sweptAt + sweepAfterMs) return segment
    }
    return undefined
  }

  async #clean(segment: Segment, copy: boolean): Promise<void> {
    const { store, clock, expired } = this.#options
    const now = clock.now()
    for await (const { buffer, start, length } of recordBlocks(store, segment, 0, segment.bytes)) {
      if (this.#closed || store.pinned) return
      for (let at = 0; at < length; ) {
        const bytes = recordLength(buffer, at)
        const hash = recordHash(buffer, at)
        if (expired(buffer, at, now)) {
          store.remove(hash, { segment: segment.id, offset: start + at, length: bytes })
        } else if (copy) {
          store.relocate(hash, segment, start + at, buffer.subarray(at, at + bytes))
        }
        at += bytes
      }
      // The last record that counted may have gone, and the segment with it.
      if (!store.segments.has(segment.id)) return
      await new Promise<void>((resolve) => clock.soon(resolve))
    }
    segment.sweptAt = now
  }
}
