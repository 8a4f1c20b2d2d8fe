import { decodeToFunction, encodeFromFunction } from '@statefun/protocol'
import { defineFunction, types } from '@statefun/sdk'
import { serveHarness } from './harness.ts'
import { FUNCTION_TYPENAME } from './requests.ts'

const counter = defineFunction({
  type: FUNCTION_TYPENAME,
  state: { total: types.long },
  accepts: [types.int],
  handle(ctx, delta) {
    ctx.state.total = (ctx.state.total ?? 0n) + BigInt(delta)
  },
})
const functions = new Map([[counter.typename, counter]])

// What the SDK's HTTP handlers do between reading the body and writing the answer.
await serveHarness((request) => {
  const batch = decodeToFunction(request)
  if (batch === undefined) throw new Error('no invocation in the request')
  const fn = functions.get(`${batch.target.namespace}/${batch.target.type}`)
  if (fn === undefined) throw new Error(`unknown function ${batch.target.namespace}/${batch.target.type}`)
  const response = fn.invoke(batch)
  return response instanceof Promise ? response.then(encodeFromFunction) : encodeFromFunction(response)
})
