import { create } from '@bufbuild/protobuf'
import type {
  Address,
  DelayedInvocation,
  ExpireMode,
  FunctionResponse,
  InvocationBatch,
  Metadata,
  TypedValue,
} from '../src/index.ts'
import * as es from './gen/request-reply_pb.js'

/**
 * Our plain objects as messages of protobuf-es and back: the second opinion that the codec is tested against.
 */

const EXPIRE_MODES: readonly ExpireMode[] = ['none', 'after-write', 'after-invoke']

export function toEsToFunction(batch: InvocationBatch): es.ToFunction {
  return create(es.ToFunctionSchema, {
    request: {
      case: 'invocation',
      value: {
        target: toEsAddress(batch.target),
        state: batch.state.map(({ stateName, stateValue }) =>
          create(es.ToFunction_PersistedValueSchema, {
            stateName,
            ...(stateValue === undefined ? {} : { stateValue: toEsTypedValue(stateValue) }),
          }),
        ),
        invocations: batch.invocations.map(({ caller, argument }) =>
          create(es.ToFunction_InvocationSchema, {
            ...(caller === undefined ? {} : { caller: toEsAddress(caller) }),
            argument: toEsTypedValue(argument),
          }),
        ),
      },
    },
  })
}

export function fromEsToFunction(message: es.ToFunction): InvocationBatch | undefined {
  if (message.request.case !== 'invocation') return undefined
  const { target, state, invocations } = message.request.value
  if (target === undefined) throw new Error('no target')
  return {
    target: fromEsAddress(target),
    state: state.map(({ stateName, stateValue }) => ({
      stateName,
      stateValue: stateValue === undefined ? undefined : fromEsTypedValue(stateValue),
    })),
    invocations: invocations.map(({ caller, argument }) => ({
      caller: caller === undefined ? undefined : fromEsAddress(caller),
      argument: fromEsTypedValue(argument),
    })),
  }
}

export function toEsFromFunction(response: FunctionResponse): es.FromFunction {
  if (response.kind === 'incomplete') {
    return create(es.FromFunctionSchema, {
      response: {
        case: 'incompleteInvocationContext',
        value: {
          missingValues: response.missing.map(({ stateName, typename, expireMode, expireAfterMs }) =>
            create(es.FromFunction_PersistedValueSpecSchema, {
              stateName,
              typeTypename: typename,
              ...(expireMode === 'none'
                ? {}
                : {
                    expirationSpec: {
                      mode: EXPIRE_MODES.indexOf(expireMode),
                      expireAfterMillis: BigInt(expireAfterMs),
                    },
                  }),
            }),
          ),
        },
      },
    })
  }
  return create(es.FromFunctionSchema, {
    response: {
      case: 'invocationResult',
      value: {
        stateMutations: response.stateMutations.map(({ stateName, value }) =>
          create(es.FromFunction_PersistedValueMutationSchema, {
            stateName,
            mutationType:
              value === undefined
                ? es.FromFunction_PersistedValueMutation_MutationType.DELETE
                : es.FromFunction_PersistedValueMutation_MutationType.MODIFY,
            ...(value === undefined ? {} : { stateValue: toEsTypedValue(value) }),
          }),
        ),
        outgoingMessages: response.outgoingMessages.map(({ target, argument }) =>
          create(es.FromFunction_InvocationSchema, {
            target: toEsAddress(target),
            argument: toEsTypedValue(argument),
          }),
        ),
        delayedInvocations: response.delayedInvocations.map((delayed) =>
          delayed.kind === 'cancel'
            ? create(es.FromFunction_DelayedInvocationSchema, {
                isCancellationRequest: true,
                cancellationToken: delayed.token,
              })
            : create(es.FromFunction_DelayedInvocationSchema, {
                cancellationToken: delayed.token ?? '',
                delayInMs: BigInt(delayed.delayMs),
                target: toEsAddress(delayed.target),
                argument: toEsTypedValue(delayed.argument),
              }),
        ),
        outgoingEgresses: response.outgoingEgresses.map(({ egressNamespace, egressType, argument }) =>
          create(es.FromFunction_EgressMessageSchema, {
            egressNamespace,
            egressType,
            argument: toEsTypedValue(argument),
          }),
        ),
      },
    },
  })
}

export function fromEsFromFunction({ response }: es.FromFunction): FunctionResponse {
  if (response.case === 'incompleteInvocationContext') {
    return {
      kind: 'incomplete',
      missing: response.value.missingValues.map(({ stateName, typeTypename, expirationSpec }) => ({
        stateName,
        typename: typeTypename,
        expireMode: EXPIRE_MODES[expirationSpec?.mode ?? 0]!,
        expireAfterMs: (expirationSpec?.mode ?? 0) === 0 ? 0 : Number(expirationSpec!.expireAfterMillis),
      })),
    }
  }
  const value =
    response.case === 'invocationResult'
      ? response.value
      : create(es.FromFunction_InvocationResponseSchema, {})
  return {
    kind: 'response',
    outgoingMessages: value.outgoingMessages.map(({ target, argument }) => ({
      target: fromEsAddress(target),
      argument: fromEsTypedValue(argument),
    })),
    delayedInvocations: value.delayedInvocations.map(fromEsDelayed),
    outgoingEgresses: value.outgoingEgresses.map(({ egressNamespace, egressType, argument }) => ({
      egressNamespace,
      egressType,
      argument: fromEsTypedValue(argument),
    })),
    stateMutations: value.stateMutations.map(({ stateName, mutationType, stateValue }) => ({
      stateName,
      value:
        mutationType === es.FromFunction_PersistedValueMutation_MutationType.DELETE
          ? undefined
          : fromEsTypedValue(stateValue),
    })),
  }
}

function fromEsDelayed(delayed: es.FromFunction_DelayedInvocation): DelayedInvocation {
  if (delayed.isCancellationRequest) return { kind: 'cancel', token: delayed.cancellationToken }
  return {
    kind: 'send',
    delayMs: Number(delayed.delayInMs),
    target: fromEsAddress(delayed.target),
    argument: fromEsTypedValue(delayed.argument),
    token: delayed.cancellationToken === '' ? undefined : delayed.cancellationToken,
  }
}

function toEsAddress({ namespace, type, id }: Address): es.Address {
  return create(es.AddressSchema, { namespace, type, id })
}

function fromEsAddress(address: es.Address | undefined): Address {
  if (address === undefined) throw new Error('no address')
  return { namespace: address.namespace, type: address.type, id: address.id }
}

function toEsTypedValue({ typename, hasValue, value, metadata }: TypedValue): es.TypedValue {
  return create(es.TypedValueSchema, {
    typename,
    hasValue,
    value: value as Uint8Array<ArrayBuffer>,
    metadata: (metadata ?? []).map(({ key, value }) => ({
      key,
      hasValue: value !== null,
      value: (value ?? new Uint8Array(0)) as Uint8Array<ArrayBuffer>,
    })),
  })
}

function fromEsTypedValue(typed: es.TypedValue | undefined): TypedValue {
  return {
    typename: typed?.typename ?? '',
    hasValue: typed?.hasValue ?? false,
    value: typed?.value ?? new Uint8Array(0),
    metadata:
      typed === undefined || typed.metadata.length === 0 ? undefined : typed.metadata.map(fromEsMetadata),
  }
}

function fromEsMetadata({ key, value, hasValue }: es.TypedValue_Metadata): Metadata {
  return { key, value: hasValue ? value : null }
}
