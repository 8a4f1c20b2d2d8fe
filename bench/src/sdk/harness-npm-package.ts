import { createRequire } from 'node:module'
import { serveHarness } from './harness.ts'
import { FUNCTION_TYPENAME } from './requests.ts'

/** The parts of apache-flink-statefun that are used; its own types let the state be `any`. */
interface NpmContext {
  readonly storage: { total: number | null }
}
interface NpmMessage {
  asInt(): number
}
interface NpmPackage {
  readonly StateFun: { intType(): object }
}
interface NpmHandler {
  handle(bytes: Uint8Array, functions: Readonly<Record<string, object>>): Promise<Uint8Array>
}
interface NpmCore {
  readonly FunctionSpec: { fromOpts(options: object): object }
}

// Its public handler reads HTTP requests; the step from bytes to bytes below that is what is compared.
const require = createRequire(import.meta.url)
const { StateFun } = require('apache-flink-statefun') as NpmPackage
const { handle } = require('apache-flink-statefun/dist/handler.js') as NpmHandler
const { FunctionSpec } = require('apache-flink-statefun/dist/core.js') as NpmCore

const functions = {
  [FUNCTION_TYPENAME]: FunctionSpec.fromOpts({
    typename: FUNCTION_TYPENAME,
    specs: [{ name: 'total', type: StateFun.intType() }],
    fn(context: NpmContext, message: NpmMessage) {
      context.storage.total = (context.storage.total ?? 0) + message.asInt()
    },
  }),
}

await serveHarness((request) => handle(request, functions))
