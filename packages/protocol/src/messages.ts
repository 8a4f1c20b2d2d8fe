/**
 * The messages of `io.statefun.sdk.reqreply` as plain objects (contract 1.1).
 *
 * They are deliberately classes-free and mutable-free: the HTTP codec, the in-process transport, the engine's core and
 * the SDK all pass the same shapes around.
 */

/** One function instance: `namespace/type` is the function's typename, `id` any text, also empty. */
export interface Address {
  readonly namespace: string
  readonly type: string
  readonly id: string
}

/** A transport header: `value` is null when the header has no value, which differs from an empty one (contract 1.1). */
export interface Metadata {
  readonly key: string
  readonly value: Uint8Array | null
}

/** A value with the name of its type. `hasValue` false means no value at all; empty bytes with true is a present value. */
export interface TypedValue {
  readonly typename: string
  readonly hasValue: boolean
  readonly value: Uint8Array
  /** Headers in order, duplicates kept; undefined and empty mean the same. */
  readonly metadata?: readonly Metadata[] | undefined
}

/** A state and its value as the runtime sends it; `stateValue` is absent when the state has no value. */
export interface PersistedValue {
  readonly stateName: string
  readonly stateValue: TypedValue | undefined
}

/** One message to a function; `caller` is absent when it came from an ingress. */
export interface Invocation {
  readonly caller: Address | undefined
  readonly argument: TypedValue
}

/** `ToFunction.InvocationBatchRequest`: all messages for one address carried by one call, in order, at least one. */
export interface InvocationBatch {
  readonly target: Address
  readonly state: readonly PersistedValue[]
  readonly invocations: readonly Invocation[]
}

/** `FromFunction.PersistedValueMutation`: `value` undefined is DELETE, otherwise MODIFY. */
export interface StateMutation {
  readonly stateName: string
  readonly value: TypedValue | undefined
}

/** `FromFunction.Invocation`: a message to another function. */
export interface OutgoingMessage {
  readonly target: Address
  readonly argument: TypedValue
}

/** A message to deliver later; `token` undefined or empty cannot be cancelled. `delayMs` is a whole number >= 0. */
export interface DelayedSend {
  readonly kind: 'send'
  readonly delayMs: number
  readonly target: Address
  readonly argument: TypedValue
  readonly token: string | undefined
}

/** Cancels the pending delayed message that the same sender id sent with `token`. */
export interface DelayedCancel {
  readonly kind: 'cancel'
  readonly token: string
}

/** `FromFunction.DelayedInvocation`: sends and cancellations mixed, in call order. */
export type DelayedInvocation = DelayedSend | DelayedCancel

/** `FromFunction.EgressMessage`. */
export interface EgressMessage {
  readonly egressNamespace: string
  readonly egressType: string
  readonly argument: TypedValue
}

/** `FromFunction.InvocationResponse`: the effects of a whole batch, applied in the order of the fields (contract 1.4). */
export interface InvocationResponse {
  readonly kind: 'response'
  readonly outgoingMessages: readonly OutgoingMessage[]
  readonly delayedInvocations: readonly DelayedInvocation[]
  readonly outgoingEgresses: readonly EgressMessage[]
  readonly stateMutations: readonly StateMutation[]
}

/** `ExpirationSpec.ExpireMode`, in protocol order. */
export type ExpireMode = 'none' | 'after-write' | 'after-invoke'

/** `FromFunction.PersistedValueSpec`: declares a state to the runtime. `expireAfterMs` > 0 unless mode is `none`. */
export interface StateSpec {
  readonly stateName: string
  readonly typename: string
  readonly expireMode: ExpireMode
  readonly expireAfterMs: number
}

/** `FromFunction.IncompleteInvocationContext`: nothing ran, these states are unknown to the runtime (contract 1.5). */
export interface IncompleteContext {
  readonly kind: 'incomplete'
  readonly missing: readonly StateSpec[]
}

/** `FromFunction`: what a function server answers. */
export type FunctionResponse = InvocationResponse | IncompleteContext
