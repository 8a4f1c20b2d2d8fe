import type { Address, Invocation, Metadata } from '@statefun/protocol'
import type { EpochChanges } from '../core/epoch-changes.ts'
import type { FunctionType, StateSlot } from '../core/function-type.ts'
import type { Instance } from '../core/instance.ts'
import type { ParkedMessages, SealedEpoch } from '../core/sealed-epoch.ts'
import type { StoredStateVisitor } from '../core/spill.ts'
import type { TimerRecord } from '../core/timers/timer-record.ts'
import { ByteWriter } from './byte-writer.ts'

/*
  epoch     => epoch time next_timer positions states pending parked timers_added timers_removed outboxes
    epoch          => VARINT
    time           => DOUBLE, epoch milliseconds
    next_timer     => VARINT
    positions      => count [ingress partition position]
    states         => [type id slot state_name state_type flags [stamp] [value]] end
    pending        => [type id isolate messages] end
    parked         => [type id from parked messages] end
    timers_added   => [sequence due target token message] end
    timers_removed => count [sequence]
    outboxes       => count [egress published values]
  message   => flags [caller] typename [value] [metadata]
    flags          => BYTE: 1 has a caller, 2 has a value, 4 has metadata
  type      => namespace name
  Lists that end with "end" have a byte 1 before each element and a byte 0 after the last one.
*/

/** What an epoch takes at least. Room that is not written to costs nothing; a buffer that grows is copied, all at once. */
const EPOCH_BYTES = 256 * 1024

/** Elements encoded between two looks at the clock of the event loop. */
const SLICE = 1024

/**
 * Encodes an epoch. It yields every thousand elements or so, so that the caller can let other work go first; the result is
 * the same however long it takes.
 *
 * @param out may have been used before; the result is a view of its buffer
 */
export function* encodeEpoch(sealed: SealedEpoch, out: ByteWriter): Generator<void, Buffer> {
  out.begin(EPOCH_BYTES + sealed.timersAdded.bytes + sealed.changes.size)
  writePrologue(out, sealed.epoch, sealed.time, sealed.nextTimer)
  out.varint(sealed.positions.length)
  for (const { ingress, partition, position } of sealed.positions) {
    out.repeated(ingress)
    out.repeated(partition)
    out.text(position)
  }
  const { changes } = sealed
  for (let i = 0; i < changes.length; i++) {
    writeChange(out, changes, i)
    if (i % SLICE === SLICE - 1) yield
  }
  out.byte(0)
  let count = 0
  for (const { instance, messages, length, isolate } of sealed.pending) {
    out.byte(1)
    writeInstance(out, instance)
    out.varint(isolate)
    out.varint(length)
    for (let i = 0; i < length; i++) {
      writeMessage(out, messages[i]!)
      if (++count % SLICE === 0) yield
    }
  }
  out.byte(0)
  for (const parked of sealed.parked) {
    writeParked(out, parked)
    yield
  }
  out.byte(0)
  for (const timer of sealed.timersAdded) {
    if (timer !== undefined) writeTimer(out, timer)
    if (++count % SLICE === 0) yield
  }
  out.byte(0)
  out.varint(sealed.timersRemoved.length)
  for (let i = 0; i < sealed.timersRemoved.length; i++) {
    out.varint(sealed.timersRemoved.get(i))
    if (++count % SLICE === 0) yield
  }
  out.varint(sealed.outboxes.length)
  for (const { egress, published, values } of sealed.outboxes) {
    yield
    out.text(egress)
    out.varint(published)
    out.bytes(values)
  }
  return out.finish()
}

/** What a base snapshot is made from. */
export interface BaseContent {
  readonly types: Iterable<FunctionType>
  /** Those that waited when the scan began, but for those of the open epoch; undefined is a pause (see Timers.scan). */
  readonly timers: Iterable<TimerRecord | undefined>
  readonly parked: Iterable<Instance>
  /** The epoch that is open while the scan begins. */
  readonly epoch: number
  readonly time: number
  /** Bytes of a chunk after which it is written out; 256 KiB by default. */
  readonly chunkBytes?: number
}

/** Of a base snapshot. */
export const CHUNK_BYTES = 256 * 1024

/**
 * Encodes everything there is, as a sequence of chunks in the epoch's format. The job may go on between two chunks: each
 * holds absolute values, so the change log from `epoch` on, replayed over them, gives the exact state of any epoch that is
 * complete after the scan ended.
 *
 * States that have expired are left out, and leave memory on the occasion.
 */
export function* encodeBase(content: BaseContent): Generator<Buffer> {
  const { chunkBytes = CHUNK_BYTES } = content
  let out = beginChunk(content, 0)
  for (const type of content.types) {
    // Instances that are made during the scan are in the log.
    for (const instance of type.allInMemory()) {
      // It is on disk as yet, and has no values here.
      if (instance.loading) continue
      for (let slot = 0; slot < instance.slots; slot++) {
        const value = instance.value(slot)
        if (value === undefined) continue
        const expires = type.states[slot]!.expireMode !== 'none'
        if (expires && content.time >= instance.stamp(slot) + type.states[slot]!.expireAfterMs) {
          instance.expire(slot)
          continue
        }
        out.byte(1)
        writeInstance(out, instance)
        const stamp = expires ? instance.stamp(slot) : (instance.stamps?.[slot] ?? 0)
        writeState(out, type.states[slot]!, stamp, true)
        out.bytes(value)
      }
      // An instance that nobody calls any more is only noticed here. One that was passing may be gone, and made anew.
      if (type.expires && instance.disposable && type.instances.get(instance.id) === instance)
        type.instances.delete(instance.id)
      if (out.length >= chunkBytes) {
        yield closeChunk(out, SECTION.states)
        out = beginChunk(content, SECTION.states)
      }
    }
  }
  // A list of pending messages is part of each epoch: a snapshot has none.
  out.byte(0)
  out.byte(0)
  for (const instance of content.parked) {
    writeParked(out, { instance, from: 0, messages: instance.backlog, parked: true })
    if (out.length >= chunkBytes) {
      yield closeChunk(out, SECTION.parked)
      out = beginChunk(content, SECTION.parked)
    }
  }
  out.byte(0)
  for (const timer of content.timers) {
    if (timer !== undefined) writeTimer(out, timer)
    if (timer === undefined || out.length >= chunkBytes) {
      yield closeChunk(out, SECTION.timers)
      out = beginChunk(content, SECTION.timers)
    }
  }
  yield closeChunk(out, SECTION.timers)
}

/** The lists of an epoch in order. */
export const SECTION = { states: 0, pending: 1, parked: 2, timers: 3 } as const

/** Writes states as elements of the list of states of what `out` gives. */
export function storedStateWriter(out: () => ByteWriter): StoredStateVisitor {
  return (type, slot, stamp, from, idStart, idEnd, valueStart, valueEnd) => {
    const into = out()
    writeStoredId(into, type, from, idStart, idEnd)
    writeState(into, type.states[slot]!, stamp, true)
    into.part(from, valueStart, valueEnd)
  }
}

/** Starts a chunk in which the lists before `section` are empty. */
export function beginChunk(content: BaseContent, section: number): ByteWriter {
  const out = new ByteWriter((content.chunkBytes ?? CHUNK_BYTES) + 64 * 1024)
  writePrologue(out, content.epoch, content.time, 0)
  out.varint(0)
  for (let i = 0; i < section; i++) out.byte(0)
  return out
}

/** Ends the lists from `section` on, those of removed timers and of outboxes. */
export function closeChunk(out: ByteWriter, section: number): Buffer {
  for (let i = section; i <= SECTION.timers; i++) out.byte(0)
  out.varint(0)
  out.varint(0)
  return out.finish()
}

function writePrologue(out: ByteWriter, epoch: number, time: number, nextTimer: number): void {
  out.varint(epoch)
  out.double(time)
  out.varint(nextTimer)
}

function writeInstance(out: ByteWriter, instance: Instance): void {
  out.repeated(instance.type.namespace)
  out.repeated(instance.type.name)
  out.text(instance.id)
}

function writeChange(out: ByteWriter, changes: EpochChanges, at: number): void {
  const changed = changes.stateOf(at)
  if (changed === undefined) return
  const idEnd = changes.idEnd(at)
  const valueEnd = changes.valueEnd(at)
  const bytes = changes.bytesOf(at)
  writeStoredId(out, changed.type, bytes, changes.idStart(at), idEnd)
  writeState(out, changed.state, changes.stampOf(at), valueEnd !== -1)
  const long = changes.longValue(at)
  if (long !== undefined) out.bytes(long)
  else if (valueEnd !== -1) out.part(bytes, idEnd, valueEnd)
}

/** The beginning of an element of the list of states, up to the id. */
function writeStoredId(out: ByteWriter, type: FunctionType, from: Buffer, start: number, end: number): void {
  out.byte(1)
  out.repeated(type.namespace)
  out.repeated(type.name)
  // Text is its bytes in UTF-8, which is what there is.
  out.part(from, start, end)
}

/** The rest of it, up to the value. */
function writeState(out: ByteWriter, state: StateSlot, stamp: number, hasValue: boolean): void {
  out.repeated(state.name)
  out.repeated(state.typename)
  out.byte((hasValue ? 1 : 0) | (stamp === 0 ? 0 : 2))
  if (stamp !== 0) out.double(stamp)
}

function writeParked(out: ByteWriter, { instance, from, messages, parked }: ParkedMessages): void {
  out.byte(1)
  writeInstance(out, instance)
  out.varint(from)
  out.byte(parked ? 1 : 0)
  out.varint(messages.length)
  for (const message of messages) writeMessage(out, message)
}

/** Its texts and its value are copied as they are: nothing becomes an object on the way. */
function writeTimer(out: ByteWriter, timer: TimerRecord): void {
  const { bytes, metadata } = timer
  out.byte(1)
  out.varint(timer.sequence)
  out.double(timer.due)
  out.repeated(timer.targetNamespace)
  out.repeated(timer.targetType)
  out.raw(bytes, timer.idStart, timer.idEnd)
  out.raw(bytes, timer.tokenStart, timer.valueStart)
  out.byte((timer.hasCaller ? 1 : 0) | (timer.hasValue ? 2 : 0) | (metadata === undefined ? 0 : 4))
  if (timer.hasCaller) {
    out.repeated(timer.callerNamespace)
    out.repeated(timer.callerType)
    out.raw(bytes, timer.scopeStart, timer.tokenStart)
  }
  out.repeated(timer.typename)
  if (timer.hasValue) out.raw(bytes, timer.valueStart, timer.valueEnd)
  if (metadata !== undefined) writeMetadata(out, metadata)
}

function writeAddress(out: ByteWriter, address: Address): void {
  out.repeated(address.namespace)
  out.repeated(address.type)
  out.text(address.id)
}

function writeMessage(out: ByteWriter, { caller, argument }: Invocation): void {
  const { metadata } = argument
  const headers = metadata !== undefined && metadata.length > 0
  out.byte((caller === undefined ? 0 : 1) | (argument.hasValue ? 2 : 0) | (headers ? 4 : 0))
  if (caller !== undefined) writeAddress(out, caller)
  out.repeated(argument.typename)
  if (argument.hasValue) out.bytes(argument.value)
  if (headers) writeMetadata(out, metadata)
}

function writeMetadata(out: ByteWriter, metadata: readonly Metadata[]): void {
  out.varint(metadata.length)
  for (const { key, value } of metadata) {
    out.repeated(key)
    out.byte(value === null ? 0 : 1)
    if (value !== null) out.bytes(value)
  }
}
