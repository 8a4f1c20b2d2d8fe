import { create } from '@bufbuild/protobuf'
import { defineFunction, kafkaEgress, types } from '@statefun/sdk'
import { CounterCommand, CounterResult } from '../../examples/counter/counter.ts'
import { CounterResultSchema } from '../../examples/counter/gen/counter_pb.ts'

const results = kafkaEgress('counter/exact-results', { topic: 'exact.results', value: CounterResult })

/** The counter whose every total must come out once, whatever dies meanwhile. */
export const counterExact = defineFunction({
  type: 'counter.exact/fn',
  state: { total: types.long },
  accepts: [CounterCommand],
  otherTypes: 'ignore',
  handle(ctx, { id, delta }) {
    const total = (ctx.state.total ?? 0n) + delta
    ctx.state.total = total
    ctx.emit(results, { key: id, value: create(CounterResultSchema, { id, total }) })
  },
})
