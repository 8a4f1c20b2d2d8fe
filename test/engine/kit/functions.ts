import { defineFunction, functionRef, kafkaEgress, textType, types, value } from '@statefun/sdk'

/** Every message of these functions is plain text. */
const text = textType('test/text')

/** Milliseconds that the visits of `session` live. */
export const VISITS_TTL_MS = 1500

/** How functions misbehave; each is asked for every message. */
export interface Misbehaviour {
  /** Throws to make the call fail. */
  readonly before?: (text: string) => void | Promise<void>
}

/**
 * The functions of the tests; all of them emit to egress `test/out`, key = the function's id.
 *
 * | function | takes | does |
 * | --- | --- | --- |
 * | `counter` | anything | state `total` += 1, emits the total |
 * | `tally` | anything | state `total` += 1, emits `<total> <message>` |
 * | `hop` | anything | sends it to `tally` of its own id |
 * | `relay` | anything | sends it to `counter` of id `<id>-relayed` |
 * | `reminder` | `set <ms> <token>`, `cancel <token>` | delayed message to itself: emits `<token> <how often>` |
 * | `session` | anything | state `visits` (expires after write) += 1, emits it |
 * | `echo` | anything | emits it with its headers |
 */
export function testFunctions(results: string, { before = () => undefined }: Misbehaviour = {}) {
  const out = kafkaEgress('test/out', { topic: results })
  const counter = defineFunction({
    type: 'test/counter',
    state: { total: types.long },
    accepts: [text],
    handle(ctx, message) {
      const count = () => {
        const total = (ctx.state.total ?? 0n) + 1n
        ctx.state.total = total
        ctx.emit(out, { key: ctx.self.id, value: String(total) })
      }
      const wait = before(message)
      if (wait !== undefined) return wait.then(count)
      count()
    },
  })
  const tally = defineFunction({
    type: 'test/tally',
    state: { total: types.long },
    accepts: [text],
    handle(ctx, message) {
      const total = (ctx.state.total ?? 0n) + 1n
      ctx.state.total = total
      ctx.emit(out, { key: ctx.self.id, value: `${total} ${message}` })
    },
  })
  const hop = defineFunction({
    type: 'test/hop',
    accepts: [text],
    handle(ctx, message) {
      ctx.send(tally, ctx.self.id, message)
    },
  })
  const relay = defineFunction({
    type: 'test/relay',
    accepts: [text],
    handle(ctx, message) {
      ctx.send(counter, `${ctx.self.id}-relayed`, message)
    },
  })
  const self = functionRef('test/reminder', [text])
  const reminder = defineFunction({
    type: 'test/reminder',
    state: { rings: types.int },
    accepts: [text],
    handle(ctx, message) {
      const [what, first, second] = message.split(' ') as [string, string, string]
      if (what === 'set') {
        ctx.sendAfter(Number(first), self, ctx.self.id, `ring ${second}`, { token: second })
      } else if (what === 'cancel') {
        ctx.cancel(first)
      } else {
        const rings = (ctx.state.rings ?? 0) + 1
        ctx.state.rings = rings
        ctx.emit(out, { key: ctx.self.id, value: `${first} ${rings}` })
      }
    },
  })
  const session = defineFunction({
    type: 'test/session',
    state: { visits: value(types.int, { expireAfter: { write: VISITS_TTL_MS } }) },
    accepts: [text],
    handle(ctx) {
      const visits = (ctx.state.visits ?? 0) + 1
      ctx.state.visits = visits
      ctx.emit(out, { key: ctx.self.id, value: String(visits) })
    },
  })
  const echo = defineFunction({
    type: 'test/echo',
    accepts: [text],
    handle(ctx, message) {
      ctx.emit(out, { key: ctx.self.id, value: message, headers: ctx.headers })
    },
  })
  return [counter, tally, hop, relay, reminder, session, echo]
}
