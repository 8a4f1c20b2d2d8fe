import { loadModule } from '@statefun/engine'
import { bytesType, defineFunction, types } from '@statefun/sdk'

/** What a record of the bench asks for: its first byte. */
export const Ask = { plain: 0, setFar: 1, setNear: 2, cancel: 3, fired: 4 } as const

/** Milliseconds until those of {@link Ask.setNear} are due. */
export const NEAR_MS = 60_000

const FAR_MS = 3_600_000
const TOKEN = 'reminder'

/** Calls of both functions so far, by what they were asked for. */
export const calls = [0, 0, 0, 0, 0]

const record = bytesType('bench/record')
const FIRED = Buffer.from([Ask.fired, ...Buffer.from('do not forget your basket')])

/** The work that must not notice delayed messages: a keyed counter. */
export const plain = defineFunction({
  type: 'bench/plain',
  state: { total: types.long },
  accepts: [record],
  handle(ctx) {
    calls[Ask.plain]!++
    ctx.state.total = (ctx.state.total ?? 0n) + 1n
  },
})

let drawn = 1

/** Sets one delayed message for its own id, cancels it, or gets it. It has no state, so that an id at rest costs nothing. */
export const reminder = defineFunction({
  type: 'bench/reminder',
  accepts: [record],
  handle(ctx, bytes) {
    const ask = bytes[0]!
    calls[ask]!++
    if (ask === Ask.cancel) ctx.cancel(TOKEN)
    if (ask !== Ask.setFar && ask !== Ask.setNear) return
    drawn = (Math.imul(drawn, 1103515245) + 12345) >>> 0
    const delay = ask === Ask.setNear ? NEAR_MS : FAR_MS + (drawn >>> 8) / 4
    ctx.sendAfter(Math.floor(delay), reminder, ctx.self.id, FIRED, { token: TOKEN })
  },
})

/** Both functions behind one ingress; its records come from the bench itself. */
export const module = loadModule(
  `
kind: io.statefun.endpoints.v2/http
spec:
  functions: bench/*
  urlPathTemplate: http://127.0.0.1:1/
---
kind: io.statefun.kafka.v1/ingress
spec:
  id: bench/in
  address: 127.0.0.1:1
  consumerGroupId: bench
  topics:
    - { topic: unused, valueType: bench/record, targets: [bench/plain] }
`,
  { file: 'module.yaml' },
)
