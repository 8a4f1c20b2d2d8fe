import { describe, expect, test } from 'vitest'
import { hex, toHex } from '../test/hex.ts'
import { thrown } from '../test/thrown.ts'
import { decodeFromFunction } from './decode-from-function.ts'
import { encodeFromFunction } from './encode-from-function.ts'
import type { DelayedSend, FunctionResponse, InvocationResponse } from './messages.ts'

const TARGET = { namespace: 'n', type: 't', id: 'i' }
const ARGUMENT = { typename: 'a/b', hasValue: true, value: Uint8Array.of(7), metadata: undefined }

/** `TARGET` and `ARGUMENT` as bytes, written by hand from contract 1.1. */
const TARGET_BYTES = '09 0a016e 120174 1a0169'
const ARGUMENT_BYTES = '0a 0a03612f62 1001 1a0107'

const NO_EFFECTS: InvocationResponse = {
  kind: 'response',
  outgoingMessages: [],
  delayedInvocations: [],
  outgoingEgresses: [],
  stateMutations: [],
}

const cases: readonly [string, FunctionResponse, string][] = [
  ['no effects', NO_EFFECTS, 'a206 00'],
  [
    'MODIFY is 1',
    { ...NO_EFFECTS, stateMutations: [{ stateName: 's', value: ARGUMENT }] },
    `a206 13 0a 11 0801 120173 1a ${ARGUMENT_BYTES}`,
  ],
  [
    'DELETE is 0',
    { ...NO_EFFECTS, stateMutations: [{ stateName: 's', value: undefined }] },
    'a206 05 0a 03 120173',
  ],
  [
    'a message',
    { ...NO_EFFECTS, outgoingMessages: [{ target: TARGET, argument: ARGUMENT }] },
    `a206 19 12 17 0a ${TARGET_BYTES} 12 ${ARGUMENT_BYTES}`,
  ],
  [
    'a delayed message without a token',
    { ...NO_EFFECTS, delayedInvocations: [delayed({ delayMs: 300 })] },
    `a206 1c 1a 1a 08ac02 12 ${TARGET_BYTES} 1a ${ARGUMENT_BYTES}`,
  ],
  [
    'a delayed message with a token, at once',
    { ...NO_EFFECTS, delayedInvocations: [delayed({ delayMs: 0, token: 'x' })] },
    `a206 1c 1a 1a 12 ${TARGET_BYTES} 1a ${ARGUMENT_BYTES} 5a0178`,
  ],
  [
    'a negative delay is kept: refusing it is for the engine',
    { ...NO_EFFECTS, delayedInvocations: [delayed({ delayMs: -1 })] },
    `a206 24 1a 22 08ffffffffffffffffff01 12 ${TARGET_BYTES} 1a ${ARGUMENT_BYTES}`,
  ],
  [
    'the longest delay',
    { ...NO_EFFECTS, delayedInvocations: [delayed({ delayMs: Number.MAX_SAFE_INTEGER })] },
    `a206 22 1a 20 08ffffffffffffff0f 12 ${TARGET_BYTES} 1a ${ARGUMENT_BYTES}`,
  ],
  [
    'a cancellation',
    { ...NO_EFFECTS, delayedInvocations: [{ kind: 'cancel', token: 'x' }] },
    'a206 07 1a 05 5001 5a0178',
  ],
  [
    'an egress message',
    {
      ...NO_EFFECTS,
      outgoingEgresses: [{ egressNamespace: 'e', egressType: 'g', argument: ARGUMENT }],
    },
    `a206 14 22 12 0a0165 120167 1a ${ARGUMENT_BYTES}`,
  ],
  [
    'missing states, each way to expire',
    {
      kind: 'incomplete',
      missing: [
        { stateName: 's', typename: 'a/b', expireMode: 'none', expireAfterMs: 0 },
        { stateName: 't', typename: 'a/b', expireMode: 'after-write', expireAfterMs: 1 },
        { stateName: 'u', typename: 'a/b', expireMode: 'after-invoke', expireAfterMs: 86_400_000 },
      ],
    },
    'aa06 2d 0a 08 0a0173 1a03612f62 0a 0e 0a0174 1204 08011001 1a03612f62 0a 11 0a0175 1207 080210 80b89929 1a03612f62',
  ],
]

function delayed(fields: { delayMs: number; token?: string }): DelayedSend {
  return { kind: 'send', target: TARGET, argument: ARGUMENT, token: undefined, ...fields }
}

test.each(cases)('encodes %s', (_, response, expected) => {
  expect(toHex(encodeFromFunction(response))).toBe(toHex(hex(expected)))
})

test.each(cases)('decodes %s', (_, response, bytes) => {
  expect(decodeFromFunction(hex(bytes))).toEqual(response)
})

test('empty bytes and an unknown answer are a response without effects', () => {
  expect(decodeFromFunction(new Uint8Array(0))).toEqual(NO_EFFECTS)
  expect(decodeFromFunction(hex('b20603010203'))).toEqual(NO_EFFECTS)
})

test('effects of one kind keep their order', () => {
  const response: FunctionResponse = {
    ...NO_EFFECTS,
    delayedInvocations: [
      { kind: 'cancel', token: 'first' },
      delayed({ delayMs: 1, token: 'second' }),
      { kind: 'cancel', token: 'third' },
    ],
  }
  expect(decodeFromFunction(encodeFromFunction(response))).toEqual(response)
})

test('the later member of the oneof counts', () => {
  expect(decodeFromFunction(hex('a206050a03120173 aa060a0a080a01731a03612f62'))).toMatchObject({
    kind: 'incomplete',
    missing: [{ stateName: 's' }],
  })
  expect(decodeFromFunction(hex('aa060a0a080a01731a03612f62 a206050a03120173'))).toMatchObject({
    kind: 'response',
    stateMutations: [{ stateName: 's', value: undefined }],
  })
})

test('MODIFY without a value is an absent value, not DELETE', () => {
  const response = decodeFromFunction(hex('a206 07 0a 05 0801 120173'))
  expect(response).toMatchObject({
    stateMutations: [{ stateName: 's', value: { hasValue: false, typename: '' } }],
  })
})

test('a cancellation is one also without a token and with a target', () => {
  expect(decodeFromFunction(hex(`a206 0f 1a 0d 5001 12 ${TARGET_BYTES}`))).toMatchObject({
    delayedInvocations: [{ kind: 'cancel', token: '' }],
  })
})

test('a duration without a mode means nothing', () => {
  // missing_values [state_name "s", expiration_spec [expire_after_millis 5], type_typename "a/b"]
  const bytes = hex('aa06 0e 0a 0c 0a0173 1202 1005 1a03612f62')
  expect(decodeFromFunction(bytes)).toEqual({
    kind: 'incomplete',
    missing: [{ stateName: 's', typename: 'a/b', expireMode: 'none', expireAfterMs: 0 }],
  })
})

describe('refuses', () => {
  test.each([
    ['a message without a target', `a206 0e 12 0c 12 ${ARGUMENT_BYTES}`, 'FromFunction.Invocation.target'],
    [
      'a delayed message without a target',
      `a206 0e 1a 0c 1a ${ARGUMENT_BYTES}`,
      'FromFunction.DelayedInvocation.target',
    ],
    ['a delay beyond 2^53', 'a206 0b 1a 09 08 8080808080808010', 'delay_in_ms'],
    [
      'an expiration beyond 2^53',
      'aa06 0d 0a 0b 12 09 10 8080808080808010',
      'ExpirationSpec.expire_after_millis',
    ],
    ['an unknown kind of mutation', 'a206 04 0a 02 0802', 'mutation_type'],
    ['an unknown way to expire', 'aa06 06 0a 04 12 02 0803', 'ExpirationSpec.mode'],
    ['a state name that is a number', 'a206 04 0a 02 1002', 'PersistedValueMutation.state_name'],
  ])('%s', (_, bytes, field) => {
    const error = thrown(() => decodeFromFunction(hex(bytes)))
    expect(error.code).toBe('SF_PROTOCOL_MALFORMED')
    expect(error.message).toContain(field)
  })

  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('to encode a delay of %d ms', (delayMs) => {
    const error = thrown(() =>
      encodeFromFunction({ ...NO_EFFECTS, delayedInvocations: [delayed({ delayMs })] }),
    )
    expect(error.code).toBe('SF_TYPE_RANGE')
    expect(error.message).toContain(String(delayMs))
  })

  test('to encode an expiration that is no whole number', () => {
    const spec = { stateName: 's', typename: 'a/b', expireMode: 'after-write', expireAfterMs: 0.1 } as const
    expect(thrown(() => encodeFromFunction({ kind: 'incomplete', missing: [spec] })).code).toBe(
      'SF_TYPE_RANGE',
    )
  })
})
