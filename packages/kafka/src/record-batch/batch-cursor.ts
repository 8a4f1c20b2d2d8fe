import { StatefunError } from '@statefun/protocol'
import type { AbortedTransaction } from './aborted-transactions.ts'
import { AbortedTransactions } from './aborted-transactions.ts'
import { decompress } from './codec.ts'
import { crc32c } from './crc.ts'
import { ATTRIBUTE, BATCH_HEADER_SIZE, FIELD, LOG_OVERHEAD, MAGIC } from './format.ts'

const EMPTY = Buffer.alloc(0)

/** The property of an ingress that bounds what a compressed batch unfolds to, in bytes. */
export const MAX_DECOMPRESSED_BYTES = 'statefun.max.decompressed.batch.bytes'
export const DEFAULT_MAX_DECOMPRESSED_BYTES = 64 << 20

/**
 * Walks the records of one partition's part of a fetch response without making an object per record: the fields describe
 * the current record, and `start`/`end` pairs are positions in {@link bytes}.
 *
 * Batches are checked (format, CRC) and decompressed when they are reached. Control batches and, when aborted
 * transactions are given, records of aborted transactions are passed over; so are offsets below `fromOffset`, because
 * brokers answer with whole batches. An incomplete batch at the end is ignored, as the protocol prescribes.
 *
 * @example
 * cursor.reset(records, 42, undefined)
 * while (cursor.next()) use(cursor.offset, cursor.bytes.subarray(cursor.valueStart, cursor.valueEnd))
 */
export class BatchCursor {
  /** What the positions of the current record refer to: the response or a decompressed batch. */
  bytes: Buffer = EMPTY
  offset = -1
  /** Milliseconds since the epoch, -1 when the record has none. */
  timestamp = -1
  /** -1 when the key is null. */
  keyStart = -1
  keyEnd = -1
  /** -1 when the value is null. */
  valueStart = -1
  valueEnd = -1
  headerCount = 0
  headersStart = 0
  /** Offset after everything passed so far; also counts control batches and compacted gaps. */
  nextOffset = 0

  #response: Buffer = EMPTY
  #batchStart = 0
  #remaining = 0
  #position = 0
  #recordsEnd = 0
  #baseOffset = 0
  #batchNextOffset = 0
  #baseTimestamp = 0
  #appendTimestamp: number | undefined
  #fromOffset = 0
  #aborted: AbortedTransactions | undefined
  readonly #maxDecompressedBytes: number

  /** @param maxDecompressedBytes a batch that unfolds to more is refused */
  constructor(maxDecompressedBytes = DEFAULT_MAX_DECOMPRESSED_BYTES) {
    this.#maxDecompressedBytes = maxDecompressedBytes
  }

  /**
   * @param records one or more whole batches and perhaps a part of one
   * @param fromOffset first wanted offset
   * @param aborted transactions to leave out (read_committed); undefined delivers everything
   */
  reset(records: Buffer, fromOffset: number, aborted: readonly AbortedTransaction[] | undefined): void {
    this.#response = records
    this.bytes = records
    this.#batchStart = 0
    this.#remaining = 0
    this.#fromOffset = fromOffset
    this.#batchNextOffset = fromOffset
    this.nextOffset = fromOffset
    this.#aborted = aborted === undefined ? undefined : new AbortedTransactions(aborted)
  }

  /**
   * Moves to the next wanted record; false when there is none left, then {@link nextOffset} is where to fetch from.
   *
   * @throws StatefunError `SF_KAFKA_BATCH_CORRUPT`, `SF_KAFKA_BATCH_FORMAT` or `SF_KAFKA_BATCH_TOO_LARGE`, with the offset of the batch in the message
   */
  next(): boolean {
    for (;;) {
      while (this.#remaining > 0) {
        this.#readRecord()
        if (this.offset >= this.#fromOffset) return true
      }
      // A compacted batch keeps its range although its last records are gone.
      if (this.#batchNextOffset > this.nextOffset) this.nextOffset = this.#batchNextOffset
      if (!this.#enterBatch()) return false
    }
  }

  /** Calls back for every header of the current record, in order; `-1` as a start means null. */
  headers(
    visit: (bytes: Buffer, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number) => void,
  ): void {
    const after = this.#position
    this.#position = this.headersStart
    for (let i = 0; i < this.headerCount; i++) {
      const keyLength = this.#varint()
      const keyStart = keyLength < 0 ? -1 : this.#position
      if (keyLength > 0) this.#position += keyLength
      const keyEnd = this.#position
      const valueLength = this.#varint()
      const valueStart = valueLength < 0 ? -1 : this.#position
      if (valueLength > 0) this.#position += valueLength
      visit(this.bytes, keyStart, keyEnd, valueStart, this.#position)
    }
    this.#position = after
  }

  #enterBatch(): boolean {
    const data = this.#response
    for (;;) {
      const start = this.#batchStart
      if (data.length - start < LOG_OVERHEAD) return false
      const end = start + LOG_OVERHEAD + data.readInt32BE(start + FIELD.batchLength)
      if (end > data.length) return false
      const baseOffset = readInt64(data, start)
      const magic = end - start > FIELD.magic ? data[start + FIELD.magic]! : -1
      if (magic !== MAGIC) {
        throw new StatefunError(
          'SF_KAFKA_BATCH_FORMAT',
          `message format ${magic} at offset ${baseOffset} is not supported, only format ${MAGIC} is`,
          { hint: 'rewrite the topic with a producer and a broker of Kafka 0.11 or newer' },
        )
      }
      if (end - start < BATCH_HEADER_SIZE) throw corrupt(baseOffset, `it has ${end - start} bytes`)
      const crc = data.readUInt32BE(start + FIELD.crc)
      const computed = crc32c(data.subarray(start + FIELD.attributes, end))
      if (crc !== computed)
        throw corrupt(baseOffset, `its CRC is ${hex(crc)}, its bytes give ${hex(computed)}`)
      const lastOffset = baseOffset + data.readInt32BE(start + FIELD.lastOffsetDelta)
      this.#batchNextOffset = lastOffset + 1
      const attributes = data.readInt16BE(start + FIELD.attributes)
      if (lastOffset >= this.#fromOffset && !this.#skips(start, end, attributes, baseOffset, lastOffset)) {
        this.#open(start, end, attributes, baseOffset)
        this.#batchStart = end
        return true
      }
      this.#batchStart = end
      if (this.#batchNextOffset > this.nextOffset) this.nextOffset = this.#batchNextOffset
    }
  }

  #skips(start: number, end: number, attributes: number, baseOffset: number, lastOffset: number): boolean {
    const control = (attributes & ATTRIBUTE.control) !== 0
    if (this.#aborted === undefined) return control
    const producerId = readInt64(this.#response, start + FIELD.producerId)
    this.#aborted.advanceTo(lastOffset)
    if (control) {
      this.#open(start, end, attributes, baseOffset)
      if (this.#remaining > 0) {
        this.#readRecord()
        const abort = this.keyStart >= 0 && this.bytes.readInt16BE(this.keyStart + 2) === 0
        if (abort) this.#aborted.finished(producerId)
      }
      this.#remaining = 0
      return true
    }
    return (attributes & ATTRIBUTE.transactional) !== 0 && this.#aborted.has(producerId)
  }

  #open(start: number, end: number, attributes: number, baseOffset: number): void {
    const data = this.#response
    this.#baseOffset = baseOffset
    this.#baseTimestamp = readInt64(data, start + FIELD.baseTimestamp)
    this.#appendTimestamp =
      (attributes & ATTRIBUTE.logAppendTime) === 0 ? undefined : readInt64(data, start + FIELD.maxTimestamp)
    const remaining = data.readInt32BE(start + FIELD.recordsCount)
    const code = attributes & ATTRIBUTE.compression
    if (code === 0) {
      this.bytes = data
      this.#position = start + BATCH_HEADER_SIZE
      this.#recordsEnd = end
      this.#remaining = remaining
      return
    }
    let bytes: Buffer | undefined
    try {
      bytes = decompress(code, data.subarray(start + BATCH_HEADER_SIZE, end), this.#maxDecompressedBytes)
    } catch (error) {
      if (error instanceof StatefunError) throw error
      throw corrupt(baseOffset, 'it cannot be decompressed', error)
    }
    if (bytes === undefined) throw tooLarge(baseOffset, this.#maxDecompressedBytes)
    this.bytes = bytes
    this.#position = 0
    this.#recordsEnd = this.bytes.length
    this.#remaining = remaining
  }

  #readRecord(): void {
    this.#remaining--
    const length = this.#varint()
    const end = this.#position + length
    // Six one-byte fields follow the length of the shortest record.
    if (length < 6 || end > this.#recordsEnd) throw corrupt(this.#baseOffset, 'a record exceeds it')
    this.#position++
    this.timestamp = this.#baseTimestamp + this.#varlong()
    if (this.#appendTimestamp !== undefined) this.timestamp = this.#appendTimestamp
    this.offset = this.#baseOffset + this.#varint()
    const keyLength = this.#varint()
    this.keyStart = keyLength < 0 ? -1 : this.#position
    if (keyLength > 0) this.#position += keyLength
    this.keyEnd = this.#position
    const valueLength = this.#varint()
    this.valueStart = valueLength < 0 ? -1 : this.#position
    if (valueLength > 0) this.#position += valueLength
    this.valueEnd = this.#position
    this.headerCount = this.#varint()
    this.headersStart = this.#position
    if (this.#position > end) throw corrupt(this.#baseOffset, 'a field exceeds its record')
    this.#position = end
    if (this.offset >= this.nextOffset) this.nextOffset = this.offset + 1
  }

  #varint(): number {
    const bytes = this.bytes
    let byte = bytes[this.#position++]!
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1)
    let raw = byte & 0x7f
    for (let shift = 7; shift < 35; shift += 7) {
      byte = bytes[this.#position++]!
      raw |= (byte & 0x7f) << shift
      if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1)
    }
    throw corrupt(this.#baseOffset, 'a number in it is malformed')
  }

  #varlong(): number {
    const bytes = this.bytes
    let raw = 0
    let factor = 1
    // Timestamp deltas beyond 2^53 ms do not exist, so a double carries them exactly.
    for (let i = 0; i < 10; i++) {
      const byte = bytes[this.#position++]!
      raw += (byte & 0x7f) * factor
      if (byte < 0x80) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
      factor *= 128
    }
    throw corrupt(this.#baseOffset, 'a number in it is malformed')
  }
}

/** An int64 as a double: offsets, timestamps and producer ids stay far below 2^53. */
export function readInt64(data: Buffer, position: number): number {
  return data.readInt32BE(position) * 0x1_0000_0000 + data.readUInt32BE(position + 4)
}

function corrupt(baseOffset: number, what: string, cause?: unknown): StatefunError {
  return new StatefunError(
    'SF_KAFKA_BATCH_CORRUPT',
    `the record batch at offset ${baseOffset} is corrupt: ${what}`,
    {
      hint: 'check the disks of the broker; a replica may hold the batch undamaged',
      ...(cause === undefined ? {} : { cause }),
    },
  )
}

function tooLarge(baseOffset: number, maxBytes: number): StatefunError {
  return new StatefunError(
    'SF_KAFKA_BATCH_TOO_LARGE',
    `the record batch at offset ${baseOffset} is larger than ${maxBytes} bytes once decompressed`,
    {
      hint: `if its producer is to be trusted, give the ingress a larger ${MAX_DECOMPRESSED_BYTES} among its properties`,
    },
  )
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`
}
