import type { Metadata } from '@statefun/protocol'
import { COMPRESSIONS, type Compression, compress } from './codec.ts'
import { crc32c } from './crc.ts'
import { ATTRIBUTE, BATCH_HEADER_SIZE, FIELD, LOG_OVERHEAD, MAGIC, NO_PRODUCER_ID } from './format.ts'

/** A record to write, as ranges of `bytes`; a start of -1 means null. */
export interface RecordRanges {
  readonly bytes: Uint8Array
  readonly keyStart: number
  readonly keyEnd: number
  readonly valueStart: number
  readonly valueEnd: number
  readonly headers: readonly Metadata[] | undefined
}

/** What is only known when a batch is sent; sequences matter with a producer id only. */
export interface BatchStamp {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly transactional?: boolean
}

/** Stamp of a batch without idempotence. */
export const NO_STAMP: BatchStamp = { producerId: NO_PRODUCER_ID, producerEpoch: -1, baseSequence: -1 }

/** More bytes than the fixed fields of a record ever take: five varints of 5 bytes, attributes and a varlong. */
const RECORD_OVERHEAD = 36
const HEADER_OVERHEAD = 10

/** Upper bound of the bytes that a record takes in an uncompressed batch. */
export function recordSizeBound(record: RecordRanges): number {
  let size = RECORD_OVERHEAD + (record.keyEnd - record.keyStart) + (record.valueEnd - record.valueStart)
  if (record.headers !== undefined) {
    // UTF-8 takes at most three bytes per UTF-16 code unit.
    for (const { key, value } of record.headers)
      size += HEADER_OVERHEAD + key.length * 3 + (value?.length ?? 0)
  }
  return size
}

/** Gathers records in the form in which they travel; the buffer is reused after {@link reset} and grows as needed. */
export class BatchBuilder {
  count = 0
  /** Bytes so far, batch header included. */
  size = BATCH_HEADER_SIZE
  #buffer: Buffer
  #baseTimestamp = 0
  #maxTimestamp = 0

  constructor(initialBytes = 4096) {
    this.#buffer = Buffer.allocUnsafeSlow(initialBytes)
  }

  /** Forgets all records, keeps the buffer. */
  reset(): void {
    this.count = 0
    this.size = BATCH_HEADER_SIZE
  }

  /** @param timestamp milliseconds since the epoch */
  append(record: RecordRanges, timestamp: number): void {
    if (this.count === 0) {
      this.#baseTimestamp = timestamp
      this.#maxTimestamp = timestamp
    } else if (timestamp > this.#maxTimestamp) {
      this.#maxTimestamp = timestamp
    }
    this.#reserve(recordSizeBound(record))
    const delta = timestamp - this.#baseTimestamp
    const { bytes, keyStart, keyEnd, valueStart, valueEnd, headers } = record
    const keyLength = keyStart < 0 ? 0 : keyEnd - keyStart
    const valueLength = valueStart < 0 ? 0 : valueEnd - valueStart
    let length =
      1 +
      varlongSize(delta) +
      varintSize(this.count) +
      varintSize(keyStart < 0 ? -1 : keyLength) +
      keyLength +
      varintSize(valueStart < 0 ? -1 : valueLength) +
      valueLength +
      varintSize(headers === undefined ? 0 : headers.length)
    if (headers !== undefined) length += headersSize(headers)
    this.#varint(length)
    this.#buffer[this.size++] = 0
    this.#varlong(delta)
    this.#varint(this.count)
    this.#range(bytes, keyStart, keyEnd)
    this.#range(bytes, valueStart, valueEnd)
    if (headers === undefined) this.#buffer[this.size++] = 0
    else this.#headers(headers)
    this.count++
  }

  /**
   * The finished batch.
   *
   * @returns without compression a view that is valid until the next `append` or `reset`
   */
  finish(stamp: BatchStamp, compression: Compression): Buffer {
    const code = COMPRESSIONS.indexOf(compression)
    let batch = this.#buffer.subarray(0, this.size)
    if (code !== 0) {
      const records = compress(compression, batch.subarray(BATCH_HEADER_SIZE))
      batch = Buffer.concat([batch.subarray(0, BATCH_HEADER_SIZE), records])
    }
    batch.writeInt32BE(0, 0)
    batch.writeInt32BE(0, 4)
    batch.writeInt32BE(batch.length - LOG_OVERHEAD, FIELD.batchLength)
    batch.writeInt32BE(-1, FIELD.partitionLeaderEpoch)
    batch[FIELD.magic] = MAGIC
    batch.writeInt16BE(stamp.transactional ? code | ATTRIBUTE.transactional : code, FIELD.attributes)
    batch.writeInt32BE(this.count - 1, FIELD.lastOffsetDelta)
    writeInt64(batch, this.#baseTimestamp, FIELD.baseTimestamp)
    writeInt64(batch, this.#maxTimestamp, FIELD.maxTimestamp)
    writeInt64(batch, stamp.producerId, FIELD.producerId)
    batch.writeInt16BE(stamp.producerEpoch, FIELD.producerEpoch)
    batch.writeInt32BE(stamp.baseSequence, FIELD.baseSequence)
    batch.writeInt32BE(this.count, FIELD.recordsCount)
    batch.writeUInt32BE(crc32c(batch.subarray(FIELD.attributes)), FIELD.crc)
    return batch
  }

  #headers(headers: readonly Metadata[]): void {
    this.#varint(headers.length)
    for (const { key, value } of headers) {
      this.#varint(Buffer.byteLength(key))
      this.size += this.#buffer.write(key, this.size)
      if (value === null) this.#varint(-1)
      else this.#range(value, 0, value.length)
    }
  }

  #reserve(bytes: number): void {
    const needed = this.size + bytes
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.size)
    this.#buffer = larger
  }

  #range(bytes: Uint8Array, start: number, end: number): void {
    if (start < 0) {
      this.#varint(-1)
      return
    }
    this.#varint(end - start)
    const target = this.#buffer
    let at = this.size
    // Measured: below this length a loop beats the call that copies natively.
    if (end - start <= 32) for (let i = start; i < end; i++) target[at++] = bytes[i]!
    else target.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), at)
    this.size += end - start
  }

  #varint(value: number): void {
    let raw = ((value << 1) ^ (value >> 31)) >>> 0
    const target = this.#buffer
    while (raw > 0x7f) {
      target[this.size++] = (raw & 0x7f) | 0x80
      raw >>>= 7
    }
    target[this.size++] = raw
  }

  #varlong(value: number): void {
    let raw = zigzag(value)
    const target = this.#buffer
    while (raw > 0x7f) {
      target[this.size++] = (raw % 128) | 0x80
      raw = Math.floor(raw / 128)
    }
    target[this.size++] = raw
  }
}

function headersSize(headers: readonly Metadata[]): number {
  let size = 0
  for (const { key, value } of headers) {
    const keyLength = Buffer.byteLength(key)
    size +=
      varintSize(keyLength) +
      keyLength +
      varintSize(value === null ? -1 : value.length) +
      (value?.length ?? 0)
  }
  return size
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

function varintSize(value: number): number {
  const raw = ((value << 1) ^ (value >> 31)) >>> 0
  return raw < 0x80 ? 1 : raw < 0x4000 ? 2 : raw < 0x20_0000 ? 3 : raw < 0x1000_0000 ? 4 : 5
}

function varlongSize(value: number): number {
  let size = 1
  for (let raw = zigzag(value); raw > 0x7f; raw = Math.floor(raw / 128)) size++
  return size
}

function writeInt64(target: Buffer, value: number, at: number): void {
  const high = Math.floor(value / 0x1_0000_0000)
  target.writeInt32BE(high, at)
  target.writeUInt32BE(value - high * 0x1_0000_0000, at + 4)
}
