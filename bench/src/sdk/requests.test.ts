import { decodeToFunction, type InvocationResponse } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { readFrames, writeFrames } from './harness.ts'
import { benchRequests, checkAnswer } from './requests.ts'

/** The right answer for a total of 7, of type long. */
const ANSWER: InvocationResponse = {
  kind: 'response',
  outgoingMessages: [],
  delayedInvocations: [],
  outgoingEgresses: [],
  stateMutations: [
    {
      stateName: 'total',
      value: {
        typename: 'io.statefun.types/long',
        hasValue: true,
        value: Uint8Array.of(9, 7, 0, 0, 0, 0, 0, 0, 0),
      },
    },
  ],
}

it('makes requests for different ids whose messages add up to the expected total', () => {
  const requests = benchRequests(20, 3, 'long')
  const batches = requests.map(({ bytes }) => decodeToFunction(bytes))
  expect(batches.map((batch) => batch?.target.id)).toEqual([
    'customer-000000',
    'customer-000001',
    'customer-000002',
  ])
  for (const [index, batch] of batches.entries()) {
    const sum = batch?.invocations.reduce(
      (total, { argument }) => total + Buffer.from(argument.value).readInt32LE(1),
      0,
    )
    expect(BigInt((sum ?? 0) + 100_000 + index)).toBe(requests[index]?.total)
  }
})

describe('checkAnswer', () => {
  it('accepts the right total', () => {
    expect(() => checkAnswer(ANSWER, 7n, 'long')).not.toThrow()
  })

  it.each([
    ['another total', ANSWER, 8n, 'long', 'the new total is 7, not 8'],
    ['another type', ANSWER, 7n, 'int', 'expected a new total of type io.statefun.types/int'],
    ['no mutation', { ...ANSWER, stateMutations: [] }, 7n, 'long', 'got 0 mutations'],
    ['a question for the state', { kind: 'incomplete', missing: [] }, 7n, 'long', 'was asked for again'],
  ] as const)('refuses %s', (_, answer, total, type, message) => {
    expect(() => checkAnswer(answer, total, type)).toThrow(message)
  })
})

it('keeps frames apart, empty ones too', () => {
  const frames = [Uint8Array.of(1, 2, 3), new Uint8Array(), Uint8Array.of(4)]
  const read = readFrames(Buffer.from(writeFrames(frames)))
  expect(read.map((frame) => Uint8Array.from(frame))).toEqual(frames)
})
