import { bytesType, defineFunction, kinesisEgress, types } from '@statefun/sdk'
import { STREAM_OUT, VALUE_TYPE } from '../streams.ts'

const out = kinesisEgress('bench/out', { stream: STREAM_OUT })

/** Counts the records of each key in a durable `long` and emits every total, in as many bytes as the record has. */
export const counter = defineFunction({
  type: 'bench/counter',
  state: { total: types.long },
  accepts: [bytesType(VALUE_TYPE)],
  handle(ctx, record) {
    const total = (ctx.state.total ?? 0n) + 1n
    ctx.state.total = total
    const value = Buffer.alloc(record.length)
    value.writeBigInt64LE(total)
    ctx.emit(out, { partitionKey: ctx.self.id, value })
  },
})
