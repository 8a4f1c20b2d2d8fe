// The engine as a process of its own: `node engine-process.ts <settings as JSON>`. Prints `admin <url>` once it runs.
import { loadModule, startEngine } from '@statefun/engine'
import { kafkaConnector } from '@statefun/kafka'
import { StatefunError } from '@statefun/protocol'
import type { EngineProcessSettings } from './engine-child.ts'
import { testFunctions } from './functions.ts'

const settings = JSON.parse(process.argv[2] ?? '') as EngineProcessSettings
const print = (level: string) => (fields: object, message: string) =>
  console.log(level, message, JSON.stringify(fields))

const engine = await startEngine({
  app: settings.app ?? 'test',
  module: loadModule(settings.module, { file: 'module.yaml' }),
  functions: settings.remote ? [] : testFunctions(settings.results),
  connectors: [kafkaConnector()],
  checkpoint: {
    dir: settings.dir,
    intervalMs: settings.intervalMs ?? 50,
    compactAfterBytes: settings.compactAfterBytes ?? 64 * 1024 * 1024,
  },
  admin: { port: 0 },
  logger: { debug: () => undefined, info: print('info'), warn: print('warn'), error: print('error') },
}).catch(endWith)
console.log(`admin ${engine.url}`)
void engine.failed.then(endWith)
process.once('SIGTERM', async () => {
  await engine.stop()
  process.exit(0)
})

function endWith(error: unknown): never {
  console.log(StatefunError.from(error).format())
  process.exit(1)
}
