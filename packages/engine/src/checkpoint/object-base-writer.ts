import { crc32 } from 'node:zlib'
import { encodeObject, jsonFrame, type ObjectHeader } from './checkpoint-objects.ts'
import { FrameKind } from './frame.ts'
import { baseEndKey, basePartKey } from './object-keys.ts'
import type { ObjectStore } from './object-store.ts'
import type { BaseWriter } from './storage.ts'

/** Bytes of an object of a snapshot unless said otherwise. */
export const PART_BYTES: number = 8 * 1024 * 1024

export interface ObjectBaseOptions {
  readonly store: ObjectStore
  readonly header: ObjectHeader
  /** The first epoch of the log that belongs to it. */
  readonly firstEpoch: number
  /** Epoch milliseconds. */
  readonly time: number
  /** Bytes from which a part is uploaded. */
  readonly partBytes: number
  /**
   * Asked before the snapshot counts; returns the epoch that was appended last.
   *
   * @throws StatefunError when another engine has taken over
   */
  readonly lastEpoch: () => Promise<number>
  /** The snapshot counts from now on. */
  readonly published: (bytes: number) => void
}

/**
 * Uploads a base snapshot in parts, one while the next one is gathered. Parts that are given up stay where they are until
 * old objects are removed: without their `end` they count for nothing, and nobody has to wait for their removal.
 */
export class ObjectBaseWriter implements BaseWriter {
  readonly #options: ObjectBaseOptions
  readonly #parts: { readonly bytes: number; readonly crc: number }[] = []
  #chunks: { readonly kind: number; readonly payload: Uint8Array }[] = []
  #gathered = 0
  #uploading: Promise<void> = Promise.resolve()

  constructor(options: ObjectBaseOptions) {
    this.#options = options
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#chunks.push({ kind: FrameKind.baseChunk, payload: chunk })
    this.#gathered += chunk.length
    if (this.#gathered >= this.#options.partBytes) await this.#upload()
  }

  async publish(): Promise<void> {
    const { store, header, firstEpoch, time, lastEpoch, published } = this.#options
    if (this.#chunks.length > 0) await this.#upload()
    await this.#uploading
    // What the scan saw of later epochs is in the log by now.
    const validFrom = await lastEpoch()
    const end = jsonFrame(FrameKind.baseEnd, { parts: this.#parts, firstEpoch, validFrom, time })
    await store.put(baseEndKey(header.slot), encodeObject(header, [end]))
    published(this.#parts.reduce((sum, { bytes }) => sum + bytes, 0))
  }

  async abort(): Promise<void> {
    this.#chunks = []
  }

  /** Starts the upload of what was gathered once the one before has ended. */
  async #upload(): Promise<void> {
    const { store, header } = this.#options
    const object = encodeObject(header, this.#chunks)
    this.#chunks = []
    this.#gathered = 0
    await this.#uploading
    const key = basePartKey(header.slot, this.#parts.length)
    this.#parts.push({ bytes: object.length, crc: crc32(object) })
    this.#uploading = store.put(key, object)
    // Awaited before the next part and before the end; meanwhile a rejection must not count as unhandled.
    this.#uploading.catch(() => undefined)
  }
}
