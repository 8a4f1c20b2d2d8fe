import { fromBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ToFunctionSchema } from '../../test/gen/request-reply_pb.js'
import { hex, toHex } from '../../test/hex.ts'
import { thrown } from '../../test/thrown.ts'
import { encodeToFunction, readToFunction } from '../to-function.ts'
import { type MultiCallAnswer, MultiCallAnswers, MultiCallReader } from './answer.ts'
import { formatMultiCallOffer, parseMultiCallOffer } from './offer.ts'
import { decodeMultiCall, encodeMultiCall } from './request.ts'

const bytes = (maxLength: number) => fc.uint8Array({ maxLength })

/** What a reader found, the bodies copied. */
interface Found {
  readonly answers: { readonly index: number; readonly status: number; readonly body: string }[]
  readonly tooLarge: number[]
}

function reading(calls: number, maxBytes: number): { reader: MultiCallReader; found: Found } {
  const found: Found = { answers: [], tooLarge: [] }
  const reader = new MultiCallReader(calls, maxBytes, {
    answer: (index, status, body) => found.answers.push({ index, status, body: toHex(body) }),
    tooLarge: (index) => found.tooLarge.push(index),
  })
  return { reader, found }
}

/** Cuts bytes into pieces at the given fractions. */
function cut(whole: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [...at.map((fraction) => Math.floor(fraction * whole.length)), whole.length].sort(
    (a, b) => a - b,
  )
  return places.map((end, index) => whole.subarray(index === 0 ? 0 : places[index - 1], end))
}

describe('an offer', () => {
  test('says version and limits', () => {
    const header = formatMultiCallOffer({ maxCalls: 256, maxBytes: 1_048_576 })
    expect(header).toBe('1; calls=256; bytes=1048576')
    expect(parseMultiCallOffer(header)).toEqual({ maxCalls: 256, maxBytes: 1_048_576 })
  })

  test('is none in another version, broken, empty, or twice', () => {
    const others = [
      '2; calls=1; bytes=1',
      '1',
      '',
      '1; calls=0; bytes=9',
      '1; calls=9; bytes=0',
      '1; calls=x; bytes=1',
    ]
    for (const header of [...others, ['1; calls=1; bytes=1'], undefined]) {
      expect(parseMultiCallOffer(header)).toBeUndefined()
    }
    expect(parseMultiCallOffer('1; calls=999999999; bytes=9')?.maxCalls).toBe(0xffff)
  })
})

describe('a request', () => {
  test('has the form of its grammar', () => {
    expect(toHex(encodeMultiCall([hex('a2'), hex('')]))).toBe('0f01' + '00000001a2' + '00000000')
  })

  test('is no protobuf message: who does not know it runs no part of it', () => {
    const batch = { target: { namespace: 'n', type: 't', id: '1' }, state: [], invocations: [] }
    const body = encodeMultiCall([encodeToFunction(batch)])
    expect(thrown(() => readToFunction(body)).code).toBe('SF_PROTOCOL_MALFORMED')
    expect(() => fromBinary(ToFunctionSchema, body)).toThrow()
  })

  test('is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(bytes(40), { minLength: 1, maxLength: 20 }), (calls) => {
        const read = decodeMultiCall(encodeMultiCall(calls), { maxCalls: 20 })
        expect(read.map(toHex)).toEqual(calls.map(toHex))
      }),
    )
  })

  test.each([
    ['nothing', ''],
    ['another version', '0f020000000100'],
    ['a ToFunction', 'a2060a0a080a016e1201741a0131'],
    ['no call', '0f01'],
    ['too many calls', '0f01000000000000000000000000'],
    ['a length that is cut off', '0f01000000'],
    ['a call that is cut off', '0f010000000200'],
    ['a length of 4 GiB', '0f01ffffffff00'],
  ])('is refused with %s', (_, text) => {
    expect(thrown(() => decodeMultiCall(hex(text), { maxCalls: 2 })).code).toBe('SF_PROTOCOL_MALFORMED')
  })
})

describe('an answer', () => {
  const answers = fc.array(fc.record({ status: fc.constantFrom(200, 500, 503), body: bytes(60) }), {
    minLength: 1,
    maxLength: 12,
  })
  const encode = (list: readonly MultiCallAnswer[]) => {
    const frames = new MultiCallAnswers()
    list.forEach((answer, index) => {
      frames.add(index, answer)
    })
    return frames.take()
  }

  test('is read the same however it is cut into chunks', () => {
    fc.assert(
      fc.property(
        answers,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }),
        (list, at) => {
          const { reader, found } = reading(list.length, 1000)
          for (const chunk of cut(encode(list), at)) reader.push(chunk)
          expect(found.answers).toEqual(
            list.map(({ status, body }, index) => ({ index, status, body: toHex(body) })),
          )
        },
      ),
    )
  })

  test('passes over what is too large, and reads on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.double({ min: 0, max: 1, noNaN: true }), (over, at) => {
        const list = [
          { status: 200, body: new Uint8Array(10) },
          { status: 200, body: new Uint8Array(10 + over) },
          { status: 200, body: Uint8Array.of(7) },
        ]
        const { reader, found } = reading(3, 10)
        for (const chunk of cut(encode(list), [at])) reader.push(chunk)
        expect(found.tooLarge).toEqual([1])
        expect(found.answers.map(({ index }) => index)).toEqual([0, 2])
      }),
    )
  })

  test('keeps nothing of a frame that announces 4 GiB', () => {
    const { reader, found } = reading(1, 100)
    reader.push(hex('000000c8ffffffff'))
    expect(found.tooLarge).toEqual([0])
    const chunk = new Uint8Array(65_536)
    for (let pushed = 0; pushed < 1000; pushed++) reader.push(chunk)
    expect(found.answers).toEqual([])
  })

  test.each([
    ['was not asked for', '000200c800000000'],
    ['is answered already', '000000c800000000000000c800000000'],
  ])('is refused when a call %s', (_, text) => {
    const { reader } = reading(2, 100)
    expect(thrown(() => reader.push(hex(text))).code).toBe('SF_PROTOCOL_MALFORMED')
  })

  test('any bytes are read or refused', () => {
    fc.assert(
      fc.property(fc.array(bytes(30), { maxLength: 10 }), (chunks) => {
        const { reader, found } = reading(3, 20)
        try {
          for (const chunk of chunks) reader.push(chunk)
        } catch (error) {
          expect(error).toMatchObject({ code: 'SF_PROTOCOL_MALFORMED' })
        }
        for (const { index, body } of found.answers) {
          expect(index).toBeLessThan(3)
          expect(body.length / 2).toBeLessThanOrEqual(20)
        }
      }),
    )
  })

  test('is gathered until it is taken', () => {
    const frames = new MultiCallAnswers()
    expect(frames.isEmpty).toBe(true)
    frames.add(1, { status: 500, body: hex('ff') })
    expect(toHex(frames.take())).toBe('000101f400000001ff')
    expect(frames.isEmpty).toBe(true)
  })
})
