import { create } from '@bufbuild/protobuf'
import { defineFunction, kafkaEgress, types, value } from '@statefun/sdk'
import { CounterCommand, CounterResult } from './counter.ts'
import { CounterResultSchema } from './gen/counter_pb.ts'

const results = kafkaEgress('counter/kafka-ttl-results', {
  topic: 'counter.results.ttl',
  value: CounterResult,
})

/** A counter that forgets: its total is gone five seconds after the last command. */
export const counterTtl = defineFunction({
  type: 'counter.kafka.ttl/fn',
  state: { total: value(types.long, { expireAfter: { write: '5 s' } }) },
  accepts: [CounterCommand],
  otherTypes: 'ignore',
  handle(ctx, { id, delta }) {
    const total = (ctx.state.total ?? 0n) + delta
    ctx.state.total = total
    ctx.emit(results, { key: id, value: create(CounterResultSchema, { id, total }) })
  },
})
