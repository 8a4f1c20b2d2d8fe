import {
  type Address,
  decodeKafkaProducerRecord,
  type EgressMessage,
  type InvocationBatch,
  type InvocationResponse,
  type PersistedValue,
  type TypedValue,
  toTypedValue,
  types,
} from '@statefun/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call } from './call.ts'
import { FOREIGN_LANGUAGES, type ForeignFunctions, startForeignFunctions } from './foreign-functions.ts'

const TTL_MS = 90_000

const int = (value: number) => toTypedValue(types.int, value)
const text = (value: string) => toTypedValue(types.string, value)
const noState = (stateName: string): PersistedValue => ({ stateName, stateValue: undefined })
const asInt = (value: TypedValue | undefined) => {
  if (value === undefined) throw new Error('there is no value')
  return types.int.deserialize(value.value)
}

/** Our codec on one side, the SDK of another language on the other: what the engine's HTTP transport relies on. */
describe.each(FOREIGN_LANGUAGES)('the %s SDK over HTTP', (language) => {
  let functions: ForeignFunctions
  beforeAll(async () => {
    functions = await startForeignFunctions(language, { topic: 'results', ttlMs: TTL_MS })
  })
  afterAll(() => functions?.stop())

  const address = (type: string, id: string): Address => ({ namespace: functions.namespace, type, id })

  async function respond(batch: InvocationBatch): Promise<InvocationResponse> {
    const answer = await call(functions.url, batch)
    if (answer.kind !== 'response') throw new Error(`an answer of kind ${answer.kind}`)
    return answer
  }

  const fromIngress = (target: Address, ...values: TypedValue[]): InvocationBatch => ({
    target,
    state: [],
    invocations: values.map((argument) => ({ caller: undefined, argument })),
  })

  test('a first call is answered with the states that are missing, and nothing runs', async () => {
    expect(await call(functions.url, fromIngress(address('counter', 'a'), int(1)))).toEqual({
      kind: 'incomplete',
      missing: [
        { stateName: 'total', typename: 'io.statefun.types/int', expireMode: 'none', expireAfterMs: 0 },
      ],
    })
  })

  test('both kinds of expiration are declared with their milliseconds', async () => {
    const answer = await call(functions.url, fromIngress(address('session', 'a'), int(0)))
    if (answer.kind !== 'incomplete') throw new Error(`an answer of kind ${answer.kind}`)
    const declared = new Map(answer.missing.map((state) => [state.stateName, state]))
    expect(declared.get('visits')).toMatchObject({ expireMode: 'after-write', expireAfterMs: TTL_MS })
    expect(declared.get('calls')).toMatchObject({ expireMode: 'after-invoke', expireAfterMs: TTL_MS })
  })

  test('only the state that is still missing is asked for', async () => {
    const batch = { ...fromIngress(address('session', 'a'), int(0)), state: [noState('visits')] }
    const answer = await call(functions.url, batch)
    expect(answer.kind === 'incomplete' && answer.missing.map((state) => state.stateName)).toEqual(['calls'])
  })

  test('a batch shares its state and answers with one mutation and all its records in order', async () => {
    const answer = await respond({
      ...fromIngress(address('counter', 'some id/ü'), int(2), int(-5), int(2_000_000_000)),
      state: [{ stateName: 'total', stateValue: int(10) }, noState('unknown_to_the_function')],
    })
    expect(
      answer.stateMutations.map(({ stateName, value }) => [stateName, value?.typename, asInt(value)]),
    ).toEqual([['total', 'io.statefun.types/int', 2_000_000_007]])
    expect(answer.outgoingEgresses.map(record)).toEqual([
      { egress: 'foreign/results', topic: 'results', key: 'some id/ü', value: '12' },
      { egress: 'foreign/results', topic: 'results', key: 'some id/ü', value: '7' },
      { egress: 'foreign/results', topic: 'results', key: 'some id/ü', value: '2000000007' },
    ])
    expect(answer.outgoingMessages).toEqual([])
  })

  test('a sum of zero is a present value of no bytes, not a missing one', async () => {
    const answer = await respond({
      ...fromIngress(address('counter', 'zero'), int(-3)),
      state: [{ stateName: 'total', stateValue: int(3) }],
    })
    expect(answer.stateMutations[0]?.value).toMatchObject({ hasValue: true, value: new Uint8Array() })
  })

  test('a function sends to another, which answers its caller', async () => {
    const sent = await respond(fromIngress(address('relay', 'r'), int(4)))
    const [message] = sent.outgoingMessages
    expect(message?.target).toEqual(address('counter', 'r'))
    expect(asInt(message?.argument)).toBe(4)

    const counted = await respond({
      target: address('counter', 'r'),
      state: [noState('total')],
      invocations: [{ caller: address('relay', 'r'), argument: message?.argument ?? int(0) }],
    })
    const [reply] = counted.outgoingMessages
    expect(reply?.target).toEqual(address('relay', 'r'))

    const relayed = await respond({
      target: address('relay', 'r'),
      state: [],
      invocations: [{ caller: address('counter', 'r'), argument: reply?.argument ?? int(0) }],
    })
    expect(relayed.outgoingEgresses.map((message) => record(message).value)).toEqual(['relayed 4'])
  })

  test('a delayed message carries its delay and token, and its cancellation the same token', async () => {
    const started = await respond(fromIngress(address('reminder', 'm'), text('start 1500')))
    expect(started.delayedInvocations).toMatchObject([
      { kind: 'send', delayMs: 1500, target: address('reminder', 'm'), token: 'reminder-m' },
    ])
    const [ring] = started.delayedInvocations
    if (ring?.kind !== 'send') throw new Error('nothing was sent')
    expect(types.string.deserialize(ring.argument.value)).toBe('ring')

    const cancelled = await respond(fromIngress(address('reminder', 'm'), text('cancel')))
    expect(cancelled.delayedInvocations).toEqual([{ kind: 'cancel', token: 'reminder-m' }])

    const rung = await respond(fromIngress(address('reminder', 'm'), ring.argument))
    expect(rung.outgoingEgresses.map((message) => record(message).value)).toEqual(['ring'])
  })

  test('headers, which these SDKs do not know, are passed over', async () => {
    const argument = { ...int(1), metadata: [{ key: 'trace', value: new Uint8Array([1, 2]) }] }
    const answer = await respond({
      ...fromIngress(address('counter', 'h'), argument),
      state: [noState('total')],
    })
    expect(asInt(answer.stateMutations[0]?.value)).toBe(1)
  })

  test('an invocation that throws fails the whole batch with a 500', async () => {
    const batch = fromIngress(address('reminder', 'e'), text('start 1'), text('nonsense'))
    await expect(call(functions.url, batch)).rejects.toThrow('HTTP 500')
  })

  test('an unknown function fails with a 500', async () => {
    await expect(call(functions.url, fromIngress(address('missing', 'x'), int(1)))).rejects.toThrow(
      'HTTP 500',
    )
  })
})

function record({ egressNamespace, egressType, argument }: EgressMessage) {
  const { topic, key, value } = decodeKafkaProducerRecord(argument.value)
  return { egress: `${egressNamespace}/${egressType}`, topic, key, value: new TextDecoder().decode(value) }
}
