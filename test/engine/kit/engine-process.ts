// The engine as a process of its own: `node engine-process.ts <settings as JSON>`. Prints `admin <url>` once it runs.
import { type Logger, loadModule, startEngine } from '@statefun/engine'
import { kafkaConnector } from '@statefun/kafka'
import { StatefunError } from '@statefun/protocol'
import { s3Places } from '@statefun/s3'
import { API, RequestFaults } from '../../../packages/kafka/test/request-faults.ts'
import type { EngineProcessSettings } from './engine-child.ts'
import { testFunctions } from './functions.ts'

const settings = JSON.parse(process.argv[2] ?? '') as EngineProcessSettings
const print = (level: string) => (fields: object, message: string) =>
  console.log(new Date().toISOString(), level, message, JSON.stringify(fields))
const logger: Logger = {
  debug: () => undefined,
  info: print('info'),
  warn: print('warn'),
  error: print('error'),
}
/** LocalStack takes any. */
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
if (settings.lateMarkers !== undefined) {
  const faults = new RequestFaults(settings.lateMarkers.bootstrap)
  for (const late of settings.lateMarkers.milliseconds) faults.arm(API.addOffsetsToTxn, late)
}

const engine = await startEngine({
  app: settings.app ?? 'test',
  module: loadModule(settings.module, { file: 'module.yaml' }),
  functions: settings.remote ? [] : testFunctions(settings.results),
  connectors: [kafkaConnector()],
  checkpoint: {
    place: settings.bucket ?? settings.dir,
    resolvers: [s3Places({ credentials, logger })],
    intervalMs: settings.intervalMs ?? 50,
    compactAfterBytes: settings.compactAfterBytes ?? 64 * 1024 * 1024,
  },
  ...(settings.state === undefined ? {} : { state: settings.state }),
  admin: { port: 0 },
  logger,
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
