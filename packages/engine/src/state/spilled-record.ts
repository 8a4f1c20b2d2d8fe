import type { FunctionType } from '../core/function-type.ts'
import type { Instance } from '../core/instance.ts'

/*
  record => length hash type id_length id slots
    length    => UINT32, little endian, bytes of the record
    hash      => UINT32, little endian, see instance-hash.ts
    type      => VARINT, number of the function type in this process
    id_length => VARINT
    slots     => [flags_and_slot [stamp] value_length value], to the end of the record
    flags_and_slot => VARINT: slot * 2, plus 1 when a stamp follows
    stamp     => DOUBLE, epoch milliseconds
*/

/** Bytes of {@link recordLength} and {@link recordHash}. */
export const RECORD_HEADER_BYTES = 8

/** Values up to here are copied byte by byte, which beats a call. */
const SHORT = 64

/** Where the functions below stand; they are too small and too often called to return more than one thing. */
let cursor = 0

/** No record of this instance is longer. */
export function recordBound(instance: Instance): number {
  const bytes = RECORD_HEADER_BYTES + 16 + instance.id.length * 3
  return bytes + instance.slots * 24 + instance.valueBytes
}

/**
 * Writes the states of an instance that have a value and have not expired.
 *
 * @returns the end of the record; `start` when no state is left, -1 when the id cannot be told apart from others in UTF-8
 */
export function writeRecord(
  into: Buffer,
  start: number,
  hash: number,
  type: number,
  instance: Instance,
  now: number,
): number {
  cursor = start + RECORD_HEADER_BYTES
  putVarint(into, type)
  if (!putId(into, instance.id)) return -1
  const beforeSlots = cursor
  const { stamps, slots } = instance
  for (let slot = 0; slot < slots; slot++) {
    const length = instance.valueLength(slot)
    if (length === -1 || isExpired(instance.type, slot, stamps?.[slot] ?? 0, now)) continue
    const stamp = stamps?.[slot] ?? 0
    putVarint(into, slot * 2 + (stamp === 0 ? 0 : 1))
    if (stamp !== 0) cursor = into.writeDoubleLE(stamp, cursor)
    putVarint(into, length)
    instance.copyValue(slot, into, cursor)
    cursor += length
  }
  if (cursor === beforeSlots) return start
  endRecord(into, start, cursor, hash)
  return cursor
}

/**
 * The parts of a record whose states are not those of an {@link Instance}: {@link writeKey}, then any number of
 * {@link writeState} and {@link copyStates}, then {@link endRecord}. Each returns the end of what it wrote.
 *
 * @param from where the id is, in UTF-8
 */
export function writeKey(
  into: Buffer,
  start: number,
  type: number,
  from: Buffer,
  idStart: number,
  idEnd: number,
): number {
  cursor = start + RECORD_HEADER_BYTES
  putVarint(into, type)
  putVarint(into, idEnd - idStart)
  return copyPart(from, idStart, idEnd, into, cursor)
}

/** @param stamp 0 is none */
export function writeState(
  into: Buffer,
  at: number,
  slot: number,
  stamp: number,
  from: Buffer,
  start: number,
  end: number,
): number {
  cursor = at
  putVarint(into, slot * 2 + (stamp === 0 ? 0 : 1))
  if (stamp !== 0) cursor = into.writeDoubleLE(stamp, cursor)
  putVarint(into, end - start)
  return copyPart(from, start, end, into, cursor)
}

/** Copies states of the record that is in another buffer, or at another place of this one. */
export function copyStates(
  into: Buffer,
  at: number,
  from: Buffer,
  recordAt: number,
  isWanted: (slot: number) => boolean,
): number {
  const end = recordAt + recordLength(from, recordAt)
  let to = at
  for (let next = statesOf(from, recordAt); next < end; ) {
    const start = next
    cursor = start
    const flags = getVarint(from)
    if ((flags & 1) !== 0) cursor += 8
    const length = getVarint(from)
    next = cursor + length
    if (isWanted(flags >>> 1)) to = copyPart(from, start, next, into, to)
  }
  return to
}

export function endRecord(into: Buffer, start: number, end: number, hash: number): void {
  putUint32(into, start, end - start)
  putUint32(into, start + 4, hash)
}

/** Bytes of the record at `at`. */
export function recordLength(from: Buffer, at: number): number {
  return from.readUInt32LE(at)
}

/** The hash of its key. */
export function recordHash(from: Buffer, at: number): number {
  return from.readUInt32LE(at + 4)
}

/** True when the record at `at` belongs to this function type and id. */
export function isRecordOf(from: Buffer, at: number, type: number, id: string): boolean {
  cursor = at + RECORD_HEADER_BYTES
  if (getVarint(from) !== type) return false
  const length = getVarint(from)
  if (length === id.length) {
    let i = 0
    while (i < length && from[cursor + i] === id.charCodeAt(i) && from[cursor + i]! < 0x80) i++
    if (i === length) return true
  }
  return from.toString('utf8', cursor, cursor + length) === id
}

/** The same for an id that is in UTF-8. */
export function isRecordOfBytes(
  from: Buffer,
  at: number,
  type: number,
  bytes: Buffer,
  start: number,
  end: number,
): boolean {
  cursor = at + RECORD_HEADER_BYTES
  if (getVarint(from) !== type) return false
  const length = getVarint(from)
  if (length !== end - start) return false
  for (let i = 0; i < length; i++) if (from[cursor + i] !== bytes[start + i]) return false
  return true
}

/**
 * Gives the states of the record at `at` to an instance that has none yet. It walks as {@link visitRecord} does, without a
 * closure for each record: every message to an instance that is not in memory comes through here.
 */
export function readStates(from: Buffer, at: number, instance: Instance): void {
  const end = at + recordLength(from, at)
  cursor = statesOf(from, at)
  while (cursor < end) {
    const flags = getVarint(from)
    const stamp = (flags & 1) === 0 ? 0 : getStamp(from)
    const length = getVarint(from)
    const start = cursor
    cursor += length
    instance.restoreValue(flags >>> 1, from, start, start + length, stamp)
  }
}

/** Where the states of the record at `at` begin. */
function statesOf(from: Buffer, at: number): number {
  cursor = at + RECORD_HEADER_BYTES
  getVarint(from)
  const idLength = getVarint(from)
  return cursor + idLength
}

/** @returns the end of the copy */
function copyPart(from: Buffer, start: number, end: number, into: Buffer, at: number): number {
  if (end - start > SHORT) from.copy(into, at, start, end)
  else for (let i = start; i < end; i++) into[at + i - start] = from[i]!
  return at + end - start
}

/** Called for each state: ranges are byte offsets into the buffer, `stamp` 0 is none. */
export type RecordVisitor = (
  type: number,
  idStart: number,
  idEnd: number,
  slot: number,
  stamp: number,
  valueStart: number,
  valueEnd: number,
) => void

/** Reads the record at `at`. The visitor must not read another record. */
export function visitRecord(from: Buffer, at: number, visit: RecordVisitor): void {
  const end = at + recordLength(from, at)
  cursor = at + RECORD_HEADER_BYTES
  const type = getVarint(from)
  const idLength = getVarint(from)
  const idStart = cursor
  cursor += idLength
  while (cursor < end) {
    const flags = getVarint(from)
    const stamp = (flags & 1) === 0 ? 0 : getStamp(from)
    const length = getVarint(from)
    const start = cursor
    cursor += length
    visit(type, idStart, idStart + idLength, flags >>> 1, stamp, start, start + length)
  }
}

/** Whether a state that was refreshed at `stamp` (0: at the restore) has expired. */
export function isExpired(type: FunctionType, slot: number, stamp: number, now: number): boolean {
  const state = type.states[slot]!
  return state.expireMode !== 'none' && now >= (stamp || type.restoredAt) + state.expireAfterMs
}

function putId(into: Buffer, id: string): boolean {
  const start = cursor
  putVarint(into, id.length)
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i)
    if (unit < 0x80) {
      into[cursor++] = unit
      continue
    }
    // Half a surrogate pair becomes the same three bytes as any other half.
    if (!id.isWellFormed()) return false
    cursor = start
    putVarint(into, Buffer.byteLength(id))
    cursor += into.write(id, cursor, 'utf8')
    return true
  }
  return true
}

function getStamp(from: Buffer): number {
  cursor += 8
  return from.readDoubleLE(cursor - 8)
}

function putUint32(into: Buffer, at: number, value: number): void {
  into[at] = value
  into[at + 1] = value >>> 8
  into[at + 2] = value >>> 16
  into[at + 3] = value >>> 24
}

function putVarint(into: Buffer, value: number): void {
  let rest = value
  while (rest > 0x7f) {
    into[cursor++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  into[cursor++] = rest
}

function getVarint(from: Buffer): number {
  let byte = from[cursor++]!
  if (byte < 0x80) return byte
  let value = byte & 0x7f
  for (let shift = 7; ; shift += 7) {
    byte = from[cursor++]!
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return value
  }
}
