import type { FunctionResponse, InvocationBatch, StateSpec } from './messages.ts'

/**
 * A function that can be called in this process: what `defineFunction` of the SDK makes, and what the embedded engine and
 * the HTTP handlers call. The contract is that of a function server (contract 1.3): missing states are answered with
 * `incomplete` and nothing runs; otherwise the invocations run one after another and all their effects come back at once.
 *
 * The answer comes without a promise when every handler of the batch returned without one.
 */
export interface InvocableFunction {
  /** `<namespace>/<name>`. */
  readonly typename: string
  /** Its states, where they are known without a call: an engine compares them with its checkpoint before it starts. */
  readonly stateSpecs?: readonly StateSpec[]
  /** @throws whatever the handler threw, as a rejected promise or at once; then no effect of the batch counts */
  invoke(batch: InvocationBatch): FunctionResponse | Promise<FunctionResponse>
}
