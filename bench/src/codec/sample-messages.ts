import type { FunctionResponse, InvocationBatch, TypedValue } from '@statefun/protocol'
import { toTypedValue, types } from '@statefun/protocol'

/** Ids differ from message to message, as they do in a stream. */
export const SAMPLES = 256

const JSON_BYTES = new TextEncoder().encode(JSON.stringify({ account: 'a-17', delta: 3, note: 'top-up' }))

function argument(): TypedValue {
  return { typename: 'example/add', hasValue: true, value: JSON_BYTES, metadata: undefined }
}

/** Calls with `invocations` messages each and two states, for ids that differ. */
export function sampleBatches(invocations: number): readonly InvocationBatch[] {
  return Array.from({ length: SAMPLES }, (_, sample) => ({
    target: { namespace: 'example', type: 'counter', id: `account-${sample}` },
    state: [
      { stateName: 'total', stateValue: toTypedValue(types.long, BigInt(sample)) },
      { stateName: 'seen', stateValue: toTypedValue(types.int, sample) },
    ],
    invocations: Array.from({ length: invocations }, (_, index) => ({
      caller: { namespace: 'example', type: 'teller', id: `teller-${sample}-${index}` },
      argument: argument(),
    })),
  }))
}

/** Answers to {@link sampleBatches}: both states changed, one message sent and one record emitted per invocation. */
export function sampleResponses(invocations: number): readonly FunctionResponse[] {
  return Array.from({ length: SAMPLES }, (_, sample) => ({
    kind: 'response',
    stateMutations: [
      { stateName: 'total', value: toTypedValue(types.long, BigInt(sample)) },
      { stateName: 'seen', value: toTypedValue(types.int, sample) },
    ],
    outgoingMessages: Array.from({ length: invocations }, (_, index) => ({
      target: { namespace: 'example', type: 'greeter', id: `greeter-${sample}-${index}` },
      argument: argument(),
    })),
    delayedInvocations: [],
    outgoingEgresses: Array.from({ length: invocations }, () => ({
      egressNamespace: 'example',
      egressType: 'results',
      argument: argument(),
    })),
  }))
}
