import type {
  Address,
  DelayedInvocation,
  EgressMessage,
  ExpireMode,
  FunctionResponse,
  InvocationResponse,
  OutgoingMessage,
  StateMutation,
  StateSpec,
} from './messages.ts'
import { readAddress } from './wire/address.ts'
import { malformed } from './wire/malformed.ts'
import { Reader } from './wire/reader.ts'
import { plainTypedValue, readTypedValue } from './wire/typed-value.ts'
import type { TypedValueView } from './wire/typed-value-view.ts'

const EXPIRE_MODES: readonly ExpireMode[] = ['none', 'after-write', 'after-invoke']

/** The lists of an {@link InvocationResponse} while they fill. */
interface Effects {
  readonly kind: 'response'
  readonly outgoingMessages: OutgoingMessage[]
  readonly delayedInvocations: DelayedInvocation[]
  readonly outgoingEgresses: EgressMessage[]
  readonly stateMutations: StateMutation[]
}

/**
 * Decodes an answer. Empty bytes and an answer of no kind this version knows are a response without effects
 * (contract 1.2). Unknown fields are skipped; values are views of `bytes`, not copies. A negative delay is kept as it is,
 * refusing it is the runtime's part (contract 1.4).
 *
 *     FromFunction                := 100 invocation_result | 101 incomplete_invocation_context
 *     InvocationResponse          := 1 state_mutations*  2 outgoing_messages*  3 delayed_invocations*  4 outgoing_egresses*
 *     PersistedValueMutation      := 1 mutation_type  2 state_name  3 state_value?
 *     Invocation                  := 1 target  2 argument
 *     DelayedInvocation           := 1 delay_in_ms  2 target  3 argument  10 is_cancellation_request  11 cancellation_token
 *     EgressMessage               := 1 egress_namespace  2 egress_type  3 argument
 *     IncompleteInvocationContext := 1 missing_values*
 *     PersistedValueSpec          := 1 state_name  2 expiration_spec?  3 type_typename
 *     ExpirationSpec              := 1 mode  2 expire_after_millis
 *
 * @throws StatefunError `SF_PROTOCOL_MALFORMED` with the byte offset and the field; also for a message without target, an
 * enum value outside the contract, a time beyond 2^53 ms
 */
export function decodeFromFunction(bytes: Uint8Array): FunctionResponse {
  const reader = new Reader(bytes)
  let effects: Effects | undefined
  let missing: StateSpec[] | undefined
  while (reader.pos < reader.end) {
    const tag = reader.tag('FromFunction')
    switch (tag >>> 3) {
      case 100:
        missing = undefined
        effects ??= noEffects()
        readResponse(reader, tag, effects)
        break
      case 101:
        effects = undefined
        missing ??= []
        readIncomplete(reader, tag, missing)
        break
      default:
        reader.skip(tag, 'FromFunction')
    }
  }
  return missing === undefined ? (effects ?? noEffects()) : { kind: 'incomplete', missing }
}

function noEffects(): Effects & InvocationResponse {
  return {
    kind: 'response',
    outgoingMessages: [],
    delayedInvocations: [],
    outgoingEgresses: [],
    stateMutations: [],
  }
}

function readResponse(reader: Reader, tag: number, effects: Effects): void {
  const outer = reader.enter(tag, 'FromFunction.invocation_result')
  while (reader.pos < reader.end) {
    const tag = reader.tag('FromFunction.InvocationResponse')
    switch (tag >>> 3) {
      case 1:
        effects.stateMutations.push(readMutation(reader, tag))
        break
      case 2:
        effects.outgoingMessages.push(readOutgoing(reader, tag))
        break
      case 3:
        effects.delayedInvocations.push(readDelayed(reader, tag))
        break
      case 4:
        effects.outgoingEgresses.push(readEgress(reader, tag))
        break
      default:
        reader.skip(tag, 'FromFunction.InvocationResponse')
    }
  }
  reader.end = outer
}

function readMutation(reader: Reader, tag: number): StateMutation {
  const start = reader.pos
  const outer = reader.enter(tag, 'FromFunction.InvocationResponse.state_mutations')
  let mutation = 0
  let stateName = ''
  let value: TypedValueView | undefined
  while (reader.pos < reader.end) {
    const tag = reader.tag('FromFunction.PersistedValueMutation')
    switch (tag >>> 3) {
      case 1:
        mutation = reader.enum(tag, 'FromFunction.PersistedValueMutation.mutation_type')
        break
      case 2:
        stateName = reader.name(tag, 'FromFunction.PersistedValueMutation.state_name')
        break
      case 3:
        value = readTypedValue(reader, tag, 'FromFunction.PersistedValueMutation.state_value', value)
        break
      default:
        reader.skip(tag, 'FromFunction.PersistedValueMutation')
    }
  }
  reader.end = outer
  if (mutation === 1) return { stateName, value: plainTypedValue(value) }
  if (mutation === 0) return { stateName, value: undefined }
  throw malformed('FromFunction.PersistedValueMutation.mutation_type', start, `unknown value ${mutation}`)
}

function readOutgoing(reader: Reader, tag: number): OutgoingMessage {
  const start = reader.pos
  const outer = reader.enter(tag, 'FromFunction.InvocationResponse.outgoing_messages')
  let target: Address | undefined
  let argument: TypedValueView | undefined
  while (reader.pos < reader.end) {
    const tag = reader.tag('FromFunction.Invocation')
    switch (tag >>> 3) {
      case 1:
        target = readAddress(reader, tag, 'FromFunction.Invocation.target', target)
        break
      case 2:
        argument = readTypedValue(reader, tag, 'FromFunction.Invocation.argument', argument)
        break
      default:
        reader.skip(tag, 'FromFunction.Invocation')
    }
  }
  reader.end = outer
  if (target === undefined) {
    throw malformed('FromFunction.Invocation.target', start, 'it is missing in the message')
  }
  return { target, argument: plainTypedValue(argument) }
}

function readDelayed(reader: Reader, tag: number): DelayedInvocation {
  const start = reader.pos
  const outer = reader.enter(tag, 'FromFunction.InvocationResponse.delayed_invocations')
  let cancel = false
  let token = ''
  let delayMs = 0
  let target: Address | undefined
  let argument: TypedValueView | undefined
  while (reader.pos < reader.end) {
    const tag = reader.tag('FromFunction.DelayedInvocation')
    switch (tag >>> 3) {
      case 1:
        delayMs = reader.int64(tag, 'FromFunction.DelayedInvocation.delay_in_ms')
        break
      case 2:
        target = readAddress(reader, tag, 'FromFunction.DelayedInvocation.target', target)
        break
      case 3:
        argument = readTypedValue(reader, tag, 'FromFunction.DelayedInvocation.argument', argument)
        break
      case 10:
        cancel = reader.bool(tag, 'FromFunction.DelayedInvocation.is_cancellation_request')
        break
      case 11:
        token = reader.string(tag, 'FromFunction.DelayedInvocation.cancellation_token')
        break
      default:
        reader.skip(tag, 'FromFunction.DelayedInvocation')
    }
  }
  reader.end = outer
  if (cancel) return { kind: 'cancel', token }
  if (target === undefined) {
    throw malformed('FromFunction.DelayedInvocation.target', start, 'it is missing in the message')
  }
  return {
    kind: 'send',
    delayMs,
    target,
    argument: plainTypedValue(argument),
    token: token === '' ? undefined : token,
  }
}

function readEgress(reader: Reader, tag: number): EgressMessage {
  const outer = reader.enter(tag, 'FromFunction.InvocationResponse.outgoing_egresses')
  let egressNamespace = ''
  let egressType = ''
  let argument: TypedValueView | undefined
  while (reader.pos < reader.end) {
    const tag = reader.tag('FromFunction.EgressMessage')
    switch (tag >>> 3) {
      case 1:
        egressNamespace = reader.name(tag, 'FromFunction.EgressMessage.egress_namespace')
        break
      case 2:
        egressType = reader.name(tag, 'FromFunction.EgressMessage.egress_type')
        break
      case 3:
        argument = readTypedValue(reader, tag, 'FromFunction.EgressMessage.argument', argument)
        break
      default:
        reader.skip(tag, 'FromFunction.EgressMessage')
    }
  }
  reader.end = outer
  return { egressNamespace, egressType, argument: plainTypedValue(argument) }
}

function readIncomplete(reader: Reader, tag: number, missing: StateSpec[]): void {
  const outer = reader.enter(tag, 'FromFunction.incomplete_invocation_context')
  while (reader.pos < reader.end) {
    const tag = reader.tag('FromFunction.IncompleteInvocationContext')
    if (tag >>> 3 === 1) missing.push(readSpec(reader, tag))
    else reader.skip(tag, 'FromFunction.IncompleteInvocationContext')
  }
  reader.end = outer
}

function readSpec(reader: Reader, tag: number): StateSpec {
  const outer = reader.enter(tag, 'FromFunction.IncompleteInvocationContext.missing_values')
  let stateName = ''
  let typename = ''
  const expiration = { mode: 0, afterMs: 0 }
  while (reader.pos < reader.end) {
    const tag = reader.tag('FromFunction.PersistedValueSpec')
    switch (tag >>> 3) {
      case 1:
        stateName = reader.name(tag, 'FromFunction.PersistedValueSpec.state_name')
        break
      case 2:
        readExpiration(reader, tag, expiration)
        break
      case 3:
        typename = reader.name(tag, 'FromFunction.PersistedValueSpec.type_typename')
        break
      default:
        reader.skip(tag, 'FromFunction.PersistedValueSpec')
    }
  }
  const expireMode = EXPIRE_MODES[expiration.mode]
  if (expireMode === undefined) {
    throw malformed('FromFunction.ExpirationSpec.mode', outer, `unknown value ${expiration.mode}`)
  }
  reader.end = outer
  // A duration without a mode means nothing, and is not encoded either.
  return { stateName, typename, expireMode, expireAfterMs: expireMode === 'none' ? 0 : expiration.afterMs }
}

function readExpiration(reader: Reader, tag: number, into: { mode: number; afterMs: number }): void {
  const outer = reader.enter(tag, 'FromFunction.PersistedValueSpec.expiration_spec')
  while (reader.pos < reader.end) {
    const tag = reader.tag('FromFunction.ExpirationSpec')
    switch (tag >>> 3) {
      case 1:
        into.mode = reader.enum(tag, 'FromFunction.ExpirationSpec.mode')
        break
      case 2:
        into.afterMs = reader.int64(tag, 'FromFunction.ExpirationSpec.expire_after_millis')
        break
      default:
        reader.skip(tag, 'FromFunction.ExpirationSpec')
    }
  }
  reader.end = outer
}
