import { bytesType, defineFunction, kafkaEgress, types } from '@statefun/sdk'
import { TOPIC_OUT, VALUE_TYPE } from './names.ts'

const out = kafkaEgress('bench/out')

/**
 * The function under load: counts the records of each key in a durable `long` and emits every total, followed by the first
 * eight bytes of the record (where the latency bench writes the time of sending).
 */
export const counter = defineFunction({
  type: 'bench/counter',
  state: { total: types.long },
  accepts: [bytesType(VALUE_TYPE)],
  handle(ctx, record) {
    const total = (ctx.state.total ?? 0n) + 1n
    ctx.state.total = total
    const value = Buffer.allocUnsafe(16)
    value.writeBigInt64LE(total)
    value.set(record.subarray(0, 8), 8)
    ctx.emit(out, { topic: TOPIC_OUT, key: ctx.self.id, value })
  },
})
