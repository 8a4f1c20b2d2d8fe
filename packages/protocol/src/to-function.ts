import type { Invocation, InvocationBatch, PersistedValue } from './messages.ts'
import { readAddress, writeAddress } from './wire/address.ts'
import { InvocationReader } from './wire/invocation-reader.ts'
import { malformed } from './wire/malformed.ts'
import { Reader } from './wire/reader.ts'
import { plainTypedValue, readTypedValue, writeTypedValue } from './wire/typed-value.ts'
import type { TypedValueView } from './wire/typed-value-view.ts'
import { type Writer, writer } from './wire/writer.ts'

/**
 * Encodes a call: the body of the request that the runtime sends to a function server (contract 1.2).
 *
 *     ToFunction             := 100 invocation
 *     InvocationBatchRequest := 1 target  2 state*  3 invocations*
 *     PersistedValue         := 1 state_name  2 state_value?
 *     Invocation             := 1 caller?  2 argument
 *
 * @returns bytes of the caller's own
 */
export function encodeToFunction(batch: InvocationBatch): Uint8Array {
  const out = writer.begin()
  const { state, invocations } = batch
  for (let index = invocations.length - 1; index >= 0; index--) {
    const { caller, argument } = invocations[index]!
    const mark = out.mark()
    writeTypedValue(out, 0x12, argument)
    if (caller !== undefined) writeAddress(out, 0x0a, caller)
    out.message(0x1a, mark)
  }
  for (let index = state.length - 1; index >= 0; index--) writePersistedValue(out, state[index]!)
  writeAddress(out, 0x0a, batch.target)
  out.message(0x322, 0)
  return out.finish()
}

/**
 * Decodes a call into plain objects. Unknown fields are skipped; values are views of `bytes`, not copies.
 *
 * @returns undefined when the message is empty or carries no request this version knows
 * @throws StatefunError `SF_PROTOCOL_MALFORMED` with the byte offset and the field
 */
export function decodeToFunction(bytes: Uint8Array): InvocationBatch | undefined {
  const batch = readToFunction(bytes)
  if (batch === undefined) return undefined
  const { target, state, invocations } = batch
  return {
    target,
    state: state.map(({ stateName, stateValue }) => ({
      stateName,
      stateValue: stateValue && plainTypedValue(stateValue),
    })),
    invocations: invocations.map(({ caller, argument }) => ({ caller, argument: plainTypedValue(argument) })),
  }
}

/**
 * Decodes a call as {@link decodeToFunction} does, the whole message checked, but every value is a {@link TypedValueView}: for
 * function servers, which turn most values into something else than bytes.
 */
export function readToFunction(bytes: Uint8Array): InvocationBatch | undefined {
  const reader = new Reader(bytes)
  let batch: InvocationBatch | undefined
  while (reader.pos < reader.end) {
    const tag = reader.tag('ToFunction')
    if (tag >>> 3 === 100) batch = readBatch(reader, tag, batch)
    else reader.skip(tag, 'ToFunction')
  }
  return batch
}

function writePersistedValue(out: Writer, { stateName, stateValue }: PersistedValue): void {
  const mark = out.mark()
  if (stateValue !== undefined) writeTypedValue(out, 0x12, stateValue)
  out.name(0x0a, stateName)
  out.message(0x12, mark)
}

function readBatch(reader: Reader, tag: number, previous: InvocationBatch | undefined): InvocationBatch {
  const message = 'ToFunction.InvocationBatchRequest'
  const start = reader.pos
  const outer = reader.enter(tag, 'ToFunction.invocation')
  let target = previous?.target
  const state: PersistedValue[] = previous === undefined ? [] : [...previous.state]
  const invocations: Invocation[] = previous === undefined ? [] : [...previous.invocations]
  const invocationReader = new InvocationReader(reader)
  while (reader.pos < reader.end) {
    const tag = reader.tag(message)
    switch (tag >>> 3) {
      case 1:
        target = readAddress(reader, tag, 'ToFunction.InvocationBatchRequest.target', target)
        break
      case 2:
        state.push(readPersistedValue(reader, tag))
        break
      case 3:
        invocations.push(invocationReader.read(tag))
        break
      default:
        reader.skip(tag, message)
    }
  }
  reader.end = outer
  if (target === undefined) throw malformed(`${message}.target`, start, 'it is missing in the message')
  return { target, state, invocations }
}

function readPersistedValue(reader: Reader, tag: number): PersistedValue {
  const outer = reader.enter(tag, 'ToFunction.InvocationBatchRequest.state')
  let stateName = ''
  let stateValue: TypedValueView | undefined
  while (reader.pos < reader.end) {
    const tag = reader.tag('ToFunction.PersistedValue')
    switch (tag >>> 3) {
      case 1:
        stateName = reader.name(tag, 'ToFunction.PersistedValue.state_name')
        break
      case 2:
        stateValue = readTypedValue(reader, tag, 'ToFunction.PersistedValue.state_value', stateValue)
        break
      default:
        reader.skip(tag, 'ToFunction.PersistedValue')
    }
  }
  reader.end = outer
  return { stateName, stateValue }
}
