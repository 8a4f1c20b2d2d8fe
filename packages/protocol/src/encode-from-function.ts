import type {
  DelayedInvocation,
  ExpireMode,
  FunctionResponse,
  IncompleteContext,
  InvocationResponse,
} from './messages.ts'
import { StatefunError } from './statefun-error.ts'
import { writeAddress } from './wire/address.ts'
import { writeTypedValue } from './wire/typed-value.ts'
import { type Writer, writer } from './wire/writer.ts'

const EXPIRE_MODES: Readonly<Record<ExpireMode, number>> = { none: 0, 'after-write': 1, 'after-invoke': 2 }

/**
 * Encodes an answer: the body of a function server's response (contract 1.2). The grammar stands in
 * `decode-from-function.ts`.
 *
 * @returns bytes of the caller's own
 * @throws StatefunError `SF_TYPE_RANGE` for a delay or an expiration that is no whole number up to 2^53
 */
export function encodeFromFunction(response: FunctionResponse): Uint8Array {
  const out = writer.begin()
  if (response.kind === 'response') {
    writeResponse(out, response)
    out.message(0x322, 0)
  } else {
    writeIncomplete(out, response)
    out.message(0x32a, 0)
  }
  return out.finish()
}

function writeResponse(out: Writer, response: InvocationResponse): void {
  const { outgoingEgresses, delayedInvocations, outgoingMessages, stateMutations } = response
  for (let index = outgoingEgresses.length - 1; index >= 0; index--) {
    const { egressNamespace, egressType, argument } = outgoingEgresses[index]!
    const mark = out.mark()
    writeTypedValue(out, 0x1a, argument)
    out.name(0x12, egressType)
    out.name(0x0a, egressNamespace)
    out.message(0x22, mark)
  }
  for (let index = delayedInvocations.length - 1; index >= 0; index--) {
    writeDelayed(out, delayedInvocations[index]!)
  }
  for (let index = outgoingMessages.length - 1; index >= 0; index--) {
    const { target, argument } = outgoingMessages[index]!
    const mark = out.mark()
    writeTypedValue(out, 0x12, argument)
    writeAddress(out, 0x0a, target)
    out.message(0x12, mark)
  }
  for (let index = stateMutations.length - 1; index >= 0; index--) {
    const { stateName, value } = stateMutations[index]!
    const mark = out.mark()
    if (value !== undefined) writeTypedValue(out, 0x1a, value)
    out.name(0x12, stateName)
    // MODIFY is 1; DELETE is 0, a default that is left out.
    out.bool(0x08, value !== undefined)
    out.message(0x0a, mark)
  }
}

function writeDelayed(out: Writer, delayed: DelayedInvocation): void {
  const mark = out.mark()
  if (delayed.kind === 'cancel') {
    out.string(0x5a, delayed.token)
    out.bool(0x50, true)
  } else {
    if (delayed.token !== undefined) out.string(0x5a, delayed.token)
    writeTypedValue(out, 0x1a, delayed.argument)
    writeAddress(out, 0x12, delayed.target)
    out.int64(0x08, wholeMillis('DelayedInvocation.delay_in_ms', delayed.delayMs))
  }
  out.message(0x1a, mark)
}

function writeIncomplete(out: Writer, { missing }: IncompleteContext): void {
  for (let index = missing.length - 1; index >= 0; index--) {
    const { stateName, typename, expireMode, expireAfterMs } = missing[index]!
    const mark = out.mark()
    out.name(0x1a, typename)
    if (expireMode !== 'none') {
      const spec = out.mark()
      out.int64(0x10, wholeMillis('ExpirationSpec.expire_after_millis', expireAfterMs))
      out.int64(0x08, EXPIRE_MODES[expireMode])
      out.message(0x12, spec)
    }
    out.name(0x0a, stateName)
    out.message(0x0a, mark)
  }
}

function wholeMillis(field: string, value: number): number {
  if (Number.isSafeInteger(value)) return value
  throw new StatefunError('SF_TYPE_RANGE', `${value} is not a whole number of milliseconds below 2^53`, {
    where: field,
  })
}
