import { defineFunction, functionRef, kafkaEgress, message, types, value } from '@statefun/sdk'
import { z } from 'zod'

const Add = message('example/add', z.object({ delta: z.int() }))
const greeter = functionRef('example/greeter', [types.string])
const results = kafkaEgress('example/results', { topic: 'counter.results', value: types.long })

export const counter = defineFunction({
  type: 'example/counter',
  state: { total: value(types.long, { expireAfter: { write: '30 days' } }) },
  accepts: [Add],
  handle(ctx, add) {
    const total = (ctx.state.total ?? 0n) + BigInt(add.delta)
    ctx.state.total = total
    if (total === 1n) ctx.send(greeter, ctx.self.id, 'welcome')
    ctx.sendAfter('1h', greeter, ctx.self.id, 'still there?', { token: 'nudge' })
    ctx.emit(results, { key: ctx.self.id, value: total, headers: { source: 'counter' } })
  },
})
