import { create } from '@bufbuild/protobuf'
import { defineFunction, kafkaEgress, types } from '@statefun/sdk'
import { protobufType } from '@statefun/sdk/protobuf'
import { CounterCommandSchema, CounterResultSchema } from './gen/counter_pb.ts'

/** What the topics `counter.commands` and `counter.commands.ttl` hold. */
export const CounterCommand = protobufType(
  CounterCommandSchema,
  'io.github.kzmlabs.statefun.e2e/CounterCommand',
)

/** What the topics `counter.results` and `counter.results.ttl` hold. */
export const CounterResult = protobufType(CounterResultSchema, 'io.github.kzmlabs.statefun.e2e/CounterResult')

const results = kafkaEgress('counter/kafka-results', { topic: 'counter.results', value: CounterResult })

/** Adds up the deltas of an id and says what they come to; headers travel along. */
export const counter = defineFunction({
  type: 'counter.kafka/fn',
  state: { total: types.long },
  accepts: [CounterCommand],
  otherTypes: 'ignore',
  handle(ctx, { id, delta }) {
    const total = (ctx.state.total ?? 0n) + delta
    ctx.state.total = total
    ctx.emit(results, {
      key: id,
      value: create(CounterResultSchema, { id, total }),
      headers: [
        ...[...ctx.headers].map(({ key, value }) => [key, value] as const),
        ['processed-by', 'counter-fn'],
      ],
    })
  },
})
