import type { Address, Invocation, Metadata } from '@statefun/protocol'
import { ByteReader } from './byte-reader.ts'
import { StateElement } from './state-element.ts'

/** What is called for each element of an epoch, in the order of the file. */
export interface EpochVisitor {
  epoch(epoch: number, time: number, nextTimer: number): void
  position(ingress: string, partition: string, position: string): void
  state(element: StateElement): void
  pending(target: Address, isolate: number, messages: Invocation[]): void
  parked(target: Address, from: number, parked: boolean, messages: Invocation[]): void
  timerAdded(
    sequence: number,
    due: number,
    target: Address,
    token: string | undefined,
    invocation: Invocation,
  ): void
  timerRemoved(sequence: number): void
  /** `values` is a copy; see outbox-values.ts. */
  outbox(egress: string, published: number, values: Uint8Array): void
}

/**
 * Reads one epoch or one chunk of a base snapshot; see encode-epoch.ts for the grammar.
 *
 * @throws RangeError when the bytes are not what the grammar says
 */
export function decodeEpoch(payload: Uint8Array, visitor: EpochVisitor): void {
  const input = new ByteReader(payload)
  visitor.epoch(input.varint(), input.double(), input.varint())
  for (let left = input.varint(); left > 0; left--) {
    visitor.position(input.repeated(), input.repeated(), input.text())
  }
  const element = new StateElement(input.buffer)
  while (input.byte() === 1) {
    element.namespace = input.repeated()
    element.type = input.repeated()
    element.idRange.start = input.part()
    element.idRange.end = input.at
    element.name = input.repeated()
    element.typename = input.repeated()
    const flags = input.byte()
    element.stamp = (flags & 2) === 0 ? 0 : input.double()
    element.valueStart = (flags & 1) === 0 ? -1 : input.part()
    element.valueEnd = (flags & 1) === 0 ? -1 : input.at
    visitor.state(element)
  }
  while (input.byte() === 1) visitor.pending(readAddress(input), input.varint(), readMessages(input))
  while (input.byte() === 1) {
    visitor.parked(readAddress(input), input.varint(), input.byte() === 1, readMessages(input))
  }
  while (input.byte() === 1) {
    const sequence = input.varint()
    const due = input.double()
    const target = readAddress(input)
    const token = input.text()
    visitor.timerAdded(sequence, due, target, token === '' ? undefined : token, readMessage(input))
  }
  for (let left = input.varint(); left > 0; left--) visitor.timerRemoved(input.varint())
  for (let left = input.varint(); left > 0; left--)
    visitor.outbox(input.text(), input.varint(), input.bytes())
  if (!input.done) throw new RangeError('bytes are left over after the last element')
}

/**
 * The number and the time of an epoch, or of the one in which a chunk of a snapshot was begun.
 *
 * @throws RangeError when the bytes are not what the grammar says
 */
export function readPrologue(payload: Uint8Array): { readonly epoch: number; readonly time: number } {
  const input = new ByteReader(payload)
  return { epoch: input.varint(), time: input.double() }
}

function readAddress(input: ByteReader): Address {
  return { namespace: input.repeated(), type: input.repeated(), id: input.text() }
}

function readMessages(input: ByteReader): Invocation[] {
  const messages: Invocation[] = []
  for (let left = input.varint(); left > 0; left--) messages.push(readMessage(input))
  return messages
}

function readMessage(input: ByteReader): Invocation {
  const flags = input.byte()
  const caller = (flags & 1) === 0 ? undefined : readAddress(input)
  const typename = input.repeated()
  const hasValue = (flags & 2) !== 0
  const value = hasValue ? input.bytes() : new Uint8Array(0)
  const metadata = (flags & 4) === 0 ? undefined : readMetadata(input)
  return { caller, argument: { typename, hasValue, value, metadata } }
}

function readMetadata(input: ByteReader): Metadata[] {
  const metadata: Metadata[] = []
  for (let left = input.varint(); left > 0; left--) {
    metadata.push({ key: input.repeated(), value: input.byte() === 1 ? input.bytes() : null })
  }
  return metadata
}
