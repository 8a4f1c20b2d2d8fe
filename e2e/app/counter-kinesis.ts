import { create } from '@bufbuild/protobuf'
import { defineFunction, kinesisEgress, types } from '@statefun/sdk'
import { CounterCommand, CounterResult } from '../../examples/counter/counter.ts'
import { CounterResultSchema } from '../../examples/counter/gen/counter_pb.ts'

const results = kinesisEgress('counter/kinesis-results', { stream: 'counter.results', value: CounterResult })

/** The counter with Kinesis on both sides. */
export const counterKinesis = defineFunction({
  type: 'counter.kinesis/fn',
  state: { total: types.long },
  accepts: [CounterCommand],
  otherTypes: 'ignore',
  handle(ctx, { id, delta }) {
    const total = (ctx.state.total ?? 0n) + delta
    ctx.state.total = total
    ctx.emit(results, { partitionKey: id, value: create(CounterResultSchema, { id, total }) })
  },
})
