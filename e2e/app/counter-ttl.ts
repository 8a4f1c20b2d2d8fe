import { create } from '@bufbuild/protobuf'
import { defineFunction, kafkaEgress, types, value } from '@statefun/sdk'
import { CounterCommand, CounterResult } from '../../examples/counter/counter.ts'
import { CounterResultSchema } from '../../examples/counter/gen/counter_pb.ts'
import { expirationMs } from './expiration.ts'

const results = kafkaEgress('counter/kafka-ttl-results', {
  topic: 'counter.results.ttl',
  value: CounterResult,
})

/** The counter that forgets (contract 7.3). */
export const counterTtl = defineFunction({
  type: 'counter.kafka.ttl/fn',
  state: {
    total: value(types.long, { expireAfter: { write: expirationMs(process.env.STATEFUN_TOPOLOGY) } }),
  },
  accepts: [CounterCommand],
  otherTypes: 'ignore',
  handle(ctx, { id, delta }) {
    const total = (ctx.state.total ?? 0n) + delta
    ctx.state.total = total
    ctx.emit(results, { key: id, value: create(CounterResultSchema, { id, total }) })
  },
})
