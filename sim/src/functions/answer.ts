import type {
  DelayedInvocation,
  EgressMessage,
  FunctionResponse,
  InvocationBatch,
  OutgoingMessage,
  StateMutation,
  StateSpec,
  TypedValue,
} from '@statefun/protocol'
import { hash } from '../random.ts'
import { bytesOf, kindOf, textOf } from './message-number.ts'
import type { Program } from './program.ts'

/** Milliseconds after which the two expiring states are gone. */
export interface Expirations {
  readonly written: number
  readonly called: number
}

/** The states of every function: `total` and `tokens` count, the others hold what the last message left there. */
export function stateSpecs({ written, called }: Expirations): readonly StateSpec[] {
  const spec = (
    stateName: string,
    expireMode: StateSpec['expireMode'],
    expireAfterMs: number,
  ): StateSpec => ({
    stateName,
    typename: `sim/${stateName}`,
    expireMode,
    expireAfterMs,
  })
  return [
    spec('total', 'none', 0),
    spec('tokens', 'none', 0),
    spec('plain', 'none', 0),
    spec('written', 'after-write', written),
    spec('called', 'after-invoke', called),
  ]
}

/** `count:sum` with one more message in it. */
export function addToTotal(total: string | undefined, number: string): string {
  const [count = '0', sum = '0'] = total?.split(':') ?? []
  return `${Number(count) + 1}:${(Number(sum) + hash(1, number)) | 0}`
}

export function value(typename: string, text: string): TypedValue {
  return { typename, hasValue: true, value: bytesOf(text) }
}

/** What a function answers to a batch (contract 1.3); the same to the same batch. */
export function answer(
  program: Program,
  specs: readonly StateSpec[],
  batch: InvocationBatch,
): FunctionResponse {
  const known = new Set(batch.state.map(({ stateName }) => stateName))
  const missing = specs.filter(({ stateName }) => !known.has(stateName))
  if (missing.length > 0) return { kind: 'incomplete', missing }
  const { type, id } = batch.target
  const states = new Map<string, string | undefined>()
  for (const { stateName, stateValue } of batch.state) {
    if (stateValue !== undefined) states.set(stateName, textOf(stateValue.value))
  }
  const changed = new Set<string>()
  const set = (name: string, text: string | undefined) => {
    states.set(name, text)
    changed.add(name)
  }
  const outgoingMessages: OutgoingMessage[] = []
  const delayedInvocations: DelayedInvocation[] = []
  const outgoingEgresses: EgressMessage[] = []
  for (const { argument } of batch.invocations) {
    const number = textOf(argument.value)
    if (kindOf(number) === 'token') {
      set('tokens', addToTotal(states.get('tokens'), number))
      continue
    }
    set('total', addToTotal(states.get('total'), number))
    const deed = program.deed(type, id, number)
    for (const sent of deed.sends) {
      outgoingMessages.push({ target: address(sent), argument: value('sim/message', sent.number) })
    }
    for (const later of deed.delayed) {
      delayedInvocations.push(
        typeof later === 'string'
          ? { kind: 'cancel', token: later }
          : {
              kind: 'send',
              delayMs: later.delayMs,
              target: address(later),
              argument: value('sim/message', later.number),
              token: later.token,
            },
      )
    }
    for (const { egress, record } of deed.emits) {
      outgoingEgresses.push({
        egressNamespace: 'sim',
        egressType: egress,
        argument: value('sim/record', record),
      })
    }
    for (const [name, text] of deed.states) set(name, text)
  }
  const stateMutations: StateMutation[] = [...changed].map((stateName) => {
    const text = states.get(stateName)
    return { stateName, value: text === undefined ? undefined : value(`sim/${stateName}`, text) }
  })
  return { kind: 'response', outgoingMessages, delayedInvocations, outgoingEgresses, stateMutations }
}

function address({ type, id }: { readonly type: string; readonly id: string }) {
  return { namespace: 'sim', type, id }
}
