import { StatefunError } from '@statefun/protocol'
import type { FunctionType, StateSlot } from './function-type.ts'
import type { Instance } from './instance.ts'

// What a function may not answer: the job fails on it, as on Flink (contract 1.4).

/** An instance in messages. */
export function where(instance: Instance): string {
  return `${instance.type.typename} id [${instance.id}]`
}

/** Repeating the call would go on for ever. */
export function asksAgain(type: FunctionType): StatefunError {
  return new StatefunError(
    'SF_FUNCTION_INCOMPLETE_LOOP',
    'the function asks for states that it already has',
    {
      where: type.typename,
      hint: 'its server must run the batch once every declared state is attached (contract 1.5)',
    },
  )
}

export function undeclaredState(instance: Instance, name: string): StatefunError {
  return new StatefunError(
    'SF_STATE_UNDECLARED',
    `the function changed the state "${name}", which it never declared`,
    { where: where(instance) },
  )
}

export function otherStateType(instance: Instance, state: StateSlot, typename: string): StatefunError {
  return new StatefunError(
    'SF_STATE_TYPE_MISMATCH',
    `the function set the state "${state.name}" to a ${typename}, declared is ${state.typename}`,
    { where: where(instance) },
  )
}

export function negativeDelay(sender: Instance, delayMs: number): StatefunError {
  return new StatefunError('SF_DELAY_NEGATIVE', `a message was sent with a delay of ${delayMs} ms`, {
    where: where(sender),
  })
}

export function pendingToken(sender: Instance, token: string): StatefunError {
  return new StatefunError(
    'SF_DELAY_TOKEN_PENDING',
    `a delayed message with the cancellation token "${token}" is already pending`,
    {
      where: where(sender),
      hint: 'a token is free again after its message was delivered or cancelled; it is shared by all functions with this id',
    },
  )
}

export function emptyToken(sender: Instance): StatefunError {
  return new StatefunError('SF_DELAY_TOKEN_EMPTY', 'a cancellation came without a token', {
    where: where(sender),
  })
}
