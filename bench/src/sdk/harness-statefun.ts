import { encodeFromFunction, readToFunction } from '@statefun/protocol'
import { defineFunction, types } from '@statefun/sdk'
import { FunctionRegistry } from '../../../packages/sdk/src/handlers/function-registry.ts'
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
const functions = new FunctionRegistry([counter])

// What the SDK's HTTP handlers do between reading the body and writing the answer.
await serveHarness((request) => {
  const batch = readToFunction(request)
  if (batch === undefined) throw new Error('no invocation in the request')
  const response = functions.get(batch.target).invoke(batch)
  return response instanceof Promise ? response.then(encodeFromFunction) : encodeFromFunction(response)
})
