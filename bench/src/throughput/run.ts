import type { KafkaBroker } from '@statefun/gate'
import { type Drained, drain } from '../app/drain.ts'
import { startEngineProcess, startFunctionProcess } from '../app/processes.ts'

/** Runs the engine over the prepared records. */
export async function measure(
  kafka: KafkaBroker,
  records: number,
  keys: number,
  mode: 'in-process' | 'http',
): Promise<Drained> {
  await using functions = mode === 'http' ? await startFunctionProcess() : undefined
  await using engine = await startEngineProcess(kafka.bootstrap, { functionUrl: functions?.url })
  return await drain(kafka, engine, records, keys)
}
