import { create } from '@bufbuild/protobuf'
import { type Context, defineFunction, kafkaEgress, types } from '@statefun/sdk'
import { CounterCommand, CounterResult } from '../../../examples/counter/counter.ts'
import { CounterResultSchema } from '../../../examples/counter/gen/counter_pb.ts'

const results = kafkaEgress('counter/kafka-results', { topic: 'counter.results', value: CounterResult })

/** The steps of the counter, each of which a copy may get wrong. */
export interface CounterSteps {
  /** The total after a command; undefined when the command is passed over. */
  add(id: string, delta: bigint, before: bigint): bigint | undefined
  /** Headers of the result. */
  headers(ctx: Pick<Context, 'headers'>): readonly (readonly [string, Uint8Array | string | null])[]
}

/** A copy of the counter of the examples. */
export function counterOf({ add, headers }: CounterSteps) {
  return defineFunction({
    type: 'counter.kafka/fn',
    state: { total: types.long },
    accepts: [CounterCommand],
    otherTypes: 'ignore',
    handle(ctx, { id, delta }) {
      const total = add(id, delta, ctx.state.total ?? 0n)
      if (total === undefined) return
      ctx.state.total = total
      ctx.emit(results, { key: id, value: create(CounterResultSchema, { id, total }), headers: headers(ctx) })
    },
  })
}

/** What a counter without a fault does. */
export const RIGHT: CounterSteps = {
  add: (_id, delta, before) => before + delta,
  headers: (ctx) => [
    ...[...ctx.headers].map(({ key, value }) => [key, value] as const),
    ['processed-by', 'counter-fn'],
  ],
}
