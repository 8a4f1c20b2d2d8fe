import assert from 'node:assert/strict'
import { type DescMessage, fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  decodeFromFunction,
  decodeToFunction,
  encodeFromFunction,
  encodeToFunction,
} from '@statefun/protocol'
import { FromFunctionSchema, ToFunctionSchema } from '../../../packages/protocol/test/gen/request-reply_pb.js'
import { defineBench } from '../bench.ts'
import { round } from '../report/numbers.ts'
import { SAMPLES, sampleBatches, sampleResponses } from './sample-messages.ts'

const BATCH_SIZES = [1, 20]

/** The same work done by both codecs, on sample number `sample`. */
interface Duel {
  readonly what: string
  readonly bytes: number
  readonly ours: (sample: number) => unknown
  readonly es: (sample: number) => unknown
}

/** `npm run bench -- codec`: the hand-written codec and protobuf-es on the same messages. */
export const bench = defineBench({
  name: 'codec',
  summary: 'the hand-written codec beside protobuf-es, batches of 1 and 20',
  options: {
    rounds: { default: 12, describe: 'rounds per message and codec, the best counts' },
    'round-ms': { default: 80, describe: 'milliseconds per round' },
  },
  async run(args, report) {
    const rows = duels().map(({ what, bytes, ours, es }) => {
      report.note(what)
      let oursMicros = Number.POSITIVE_INFINITY
      let esMicros = Number.POSITIVE_INFINITY
      // The two take turns, so that what else the machine does hits both.
      for (let index = 0; index < args.rounds; index++) {
        oursMicros = Math.min(oursMicros, microsPerCall(ours, args['round-ms']))
        esMicros = Math.min(esMicros, microsPerCall(es, args['round-ms']))
      }
      return {
        message: what,
        bytes,
        'ours µs': round(oursMicros),
        'protobuf-es µs': round(esMicros),
        'protobuf-es / ours': round(esMicros / oursMicros),
      }
    })
    report.table('microseconds per message, two states', rows)
    report.remark(
      'protobuf-es starts from ready-made messages: turning them into what engine and SDK use is not counted.',
    )
  },
})

function duels(): readonly Duel[] {
  return BATCH_SIZES.flatMap((size) => [
    ...duel(
      `ToFunction, ${size} invocations`,
      sampleBatches(size),
      encodeToFunction,
      decodeToFunction,
      ToFunctionSchema,
    ),
    ...duel(
      `FromFunction, ${size} invocations`,
      sampleResponses(size),
      encodeFromFunction,
      decodeFromFunction,
      FromFunctionSchema,
    ),
  ])
}

function duel<T>(
  what: string,
  values: readonly T[],
  encode: (value: T) => Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
  schema: DescMessage,
): readonly Duel[] {
  const encoded = values.map(encode)
  const messages = encoded.map((bytes) => fromBinary(schema, bytes))
  // Both codecs must do the same work.
  assert.deepEqual(encoded.map(decode), values)
  assert.deepEqual(
    messages.map((message) => toBinary(schema, message)),
    encoded,
  )
  const bytes = encoded[0]!.length
  return [
    {
      what: `encode ${what}`,
      bytes,
      ours: (sample) => encode(values[sample]!),
      es: (sample) => toBinary(schema, messages[sample]!),
    },
    {
      what: `decode ${what}`,
      bytes,
      ours: (sample) => decode(encoded[sample]!),
      es: (sample) => fromBinary(schema, encoded[sample]!),
    },
  ]
}

function microsPerCall(call: (sample: number) => unknown, milliseconds: number): number {
  const start = performance.now()
  let calls = 0
  let elapsed = 0
  while (elapsed < milliseconds) {
    for (let sample = 0; sample < SAMPLES; sample++) call(sample)
    calls += SAMPLES
    elapsed = performance.now() - start
  }
  return (elapsed * 1000) / calls
}
