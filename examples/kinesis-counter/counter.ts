import { create } from '@bufbuild/protobuf'
import { defineFunction, kinesisEgress, types } from '@statefun/sdk'
import { protobufType } from '@statefun/sdk/protobuf'
import { CounterCommandSchema, CounterResultSchema } from './gen/counter_pb.ts'

/** What the stream `counter.commands` holds. */
export const CounterCommand = protobufType(
  CounterCommandSchema,
  'io.github.kzmlabs.statefun.e2e/CounterCommand',
)

/** What the stream `counter.results` holds. */
export const CounterResult = protobufType(CounterResultSchema, 'io.github.kzmlabs.statefun.e2e/CounterResult')

const results = kinesisEgress('counter/kinesis-results', { stream: 'counter.results', value: CounterResult })

/** Adds up the deltas of an id and says what they come to. */
export const counter = defineFunction({
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
