import fc from 'fast-check'
import type {
  Address,
  DelayedInvocation,
  EgressMessage,
  FunctionResponse,
  Invocation,
  InvocationBatch,
  Metadata,
  OutgoingMessage,
  PersistedValue,
  StateMutation,
  StateSpec,
  TypedValue,
} from '../src/index.ts'

/** Any text but one that starts with a byte order mark, which the decoder of protobuf-es swallows. */
const anyText = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => text.codePointAt(0) !== 0xfeff)

/** Short and long, ASCII and not, new and repeated: each takes another way through the codec. */
export const text: fc.Arbitrary<string> = fc.oneof(
  anyText,
  fc.string({ maxLength: 14 }),
  fc.string({ minLength: 90, maxLength: 140 }),
  fc.constantFrom('', 'example/counter', 'io.statefun.types/long', 'ü', 'a'.repeat(12), 'a'.repeat(13)),
)

export const bytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc.uint8Array({ minLength: 120, maxLength: 300 }),
)

const whole = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer(),
  fc.constantFrom(0, 1, 127, 128, 2 ** 28, 2 ** 31, 2 ** 53 - 1),
)

export const metadata: fc.Arbitrary<Metadata> = fc.record({
  key: text,
  value: fc.option(bytes, { nil: null }),
})

export const address: fc.Arbitrary<Address> = fc.record({ namespace: text, type: text, id: text })

export const typedValue: fc.Arbitrary<TypedValue> = fc.record({
  typename: text,
  hasValue: fc.boolean(),
  value: bytes,
  metadata: fc.option(fc.array(metadata, { minLength: 1, maxLength: 4 }), { nil: undefined }),
})

const persistedValue: fc.Arbitrary<PersistedValue> = fc.record({
  stateName: text,
  stateValue: fc.option(typedValue, { nil: undefined }),
})

const invocation: fc.Arbitrary<Invocation> = fc.record({
  caller: fc.option(address, { nil: undefined }),
  argument: typedValue,
})

export const invocationBatch: fc.Arbitrary<InvocationBatch> = fc.record({
  target: address,
  state: fc.array(persistedValue, { maxLength: 4 }),
  invocations: fc.array(invocation, { maxLength: 4 }),
})

const outgoingMessage: fc.Arbitrary<OutgoingMessage> = fc.record({ target: address, argument: typedValue })

const delayedInvocation: fc.Arbitrary<DelayedInvocation> = fc.oneof(
  fc.record({
    kind: fc.constant('send' as const),
    delayMs: whole,
    target: address,
    argument: typedValue,
    token: fc.option(
      text.filter((token) => token !== ''),
      { nil: undefined },
    ),
  }),
  fc.record({ kind: fc.constant('cancel' as const), token: text }),
)

const egressMessage: fc.Arbitrary<EgressMessage> = fc.record({
  egressNamespace: text,
  egressType: text,
  argument: typedValue,
})

const stateMutation: fc.Arbitrary<StateMutation> = fc.record({
  stateName: text,
  value: fc.option(typedValue, { nil: undefined }),
})

const stateSpec: fc.Arbitrary<StateSpec> = fc.oneof(
  fc.record({
    stateName: text,
    typename: text,
    expireMode: fc.constant('none' as const),
    expireAfterMs: fc.constant(0),
  }),
  fc.record({
    stateName: text,
    typename: text,
    expireMode: fc.constantFrom('after-write' as const, 'after-invoke' as const),
    expireAfterMs: whole,
  }),
)

export const functionResponse: fc.Arbitrary<FunctionResponse> = fc.oneof(
  fc.record({
    kind: fc.constant('response' as const),
    outgoingMessages: fc.array(outgoingMessage, { maxLength: 3 }),
    delayedInvocations: fc.array(delayedInvocation, { maxLength: 3 }),
    outgoingEgresses: fc.array(egressMessage, { maxLength: 3 }),
    stateMutations: fc.array(stateMutation, { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('incomplete' as const), missing: fc.array(stateSpec, { maxLength: 4 }) }),
)
