import {
  type FunctionResponse,
  type InvocableFunction,
  type Invocation,
  type InvocationResponse,
  StatefunError,
  type Type,
  type TypedValue,
  types,
} from '@statefun/protocol'
import type { Logger } from '../src/logger.ts'

/** A value on the wire. */
export function wire<T>(type: Type<T>, value: T): TypedValue {
  return { typename: type.typename, hasValue: true, value: type.serialize(value) }
}

/** A message from an ingress with a long. */
export function longMessage(value: bigint): Invocation {
  return { caller: undefined, argument: wire(types.long, value) }
}

export const ADDRESS = { namespace: 'example', type: 'counter', id: 'x' }

/** Calls a function with one batch, states given as they are on the wire; undefined is a known state without a value. */
export function call(
  fn: InvocableFunction,
  invocations: readonly Invocation[],
  state: Readonly<Record<string, TypedValue | undefined>> = {},
): FunctionResponse | Promise<FunctionResponse> {
  return fn.invoke({
    target: ADDRESS,
    state: Object.entries(state).map(([stateName, stateValue]) => ({ stateName, stateValue })),
    invocations,
  })
}

/** The answer, which must be one of effects. */
export async function effectsOf(
  outcome: FunctionResponse | Promise<FunctionResponse>,
): Promise<InvocationResponse> {
  const response = await outcome
  if (response.kind !== 'response') throw new Error(`the answer is ${response.kind}`)
  return response
}

/** The StatefunError that `run` throws or rejects with. */
export async function refusal(run: () => unknown): Promise<StatefunError> {
  let outcome: unknown
  try {
    outcome = await run()
  } catch (error) {
    if (error instanceof StatefunError) return error
    throw error
  }
  throw new Error(`nothing was thrown; the outcome is ${String(outcome)}`)
}

/** Keeps what is logged. */
export function recordingLogger(): Logger & {
  readonly lines: { level: string; fields: object; message: string }[]
} {
  const lines: { level: string; fields: object; message: string }[] = []
  const record = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message })
  }
  return { lines, info: record('info'), warn: record('warn'), error: record('error') }
}
