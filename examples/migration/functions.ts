// What test/foreign-sdks/servers has in Java, Python and for the npm package apache-flink-statefun, in this SDK. The guides on
// moving from those quote both sides.
import { defineFunction, functionRef, kafkaEgress, types, value } from '@statefun/sdk'

const results = kafkaEgress('foreign/results', { topic: 'foreign-results' })

/** Adds up; tells the total to whoever asked, and to the world. */
export const counter = defineFunction({
  type: 'foreign.typescript/counter',
  state: { total: types.int },
  accepts: [types.int],
  handle(ctx, delta) {
    const total = (ctx.state.total ?? 0) + delta
    ctx.state.total = total
    const { caller } = ctx
    if (caller !== undefined) {
      ctx.send(functionRef(`${caller.namespace}/${caller.type}`, [types.int]), caller.id, total)
    }
    ctx.emit(results, { key: ctx.self.id, value: String(total) })
  },
})

/** Sends numbers from outside to the counter of the same id, and says what came back. */
export const relay = defineFunction({
  type: 'foreign.typescript/relay',
  accepts: [types.int],
  handle(ctx, number) {
    if (ctx.caller === undefined) ctx.send(counter, ctx.self.id, number)
    else ctx.emit(results, { key: ctx.self.id, value: `relayed ${number}` })
  },
})

const toReminder = functionRef('foreign.typescript/reminder', [types.string])

/** Rings after a while, unless it is told not to. */
export const reminder = defineFunction({
  type: 'foreign.typescript/reminder',
  accepts: [types.string],
  handle(ctx, text) {
    const { id } = ctx.self
    const [command, delay] = text.split(' ')
    switch (command) {
      case 'start':
        ctx.sendAfter(Number(delay), toReminder, id, 'ring', { token: `reminder-${id}` })
        break
      case 'cancel':
        ctx.cancel(`reminder-${id}`)
        break
      case 'ring':
        ctx.emit(results, { key: id, value: 'ring' })
        break
      default:
        throw new Error(`unknown command: ${command}`)
    }
  },
})

/** Counts visits until nothing was written, and calls until nobody came, for a while. */
export const session = defineFunction({
  type: 'foreign.typescript/session',
  state: {
    visits: value(types.int, { expireAfter: { write: '1 min' } }),
    calls: value(types.int, { expireAfter: { call: '1 min' } }),
  },
  handle(ctx) {
    const visits = (ctx.state.visits ?? 0) + 1
    const calls = (ctx.state.calls ?? 0) + 1
    ctx.state.visits = visits
    ctx.state.calls = calls
    ctx.emit(results, { key: ctx.self.id, value: `${visits}/${calls}` })
  },
})
