import { join } from 'node:path'
import type { DeployOptions } from '../topology.ts'
import { EngineProcess } from './engine-process.ts'
import { FlinkApp } from './flink-app.ts'
import { renderModule } from './render-module.ts'
import { type Surroundings, valuesOf } from './surroundings.ts'

/**
 * Starts an app on the engine of a deployment and returns when it takes records. Its checkpoints have a prefix of the bucket
 * for themselves, named as the app.
 *
 * @throws StatefunError as {@link FlinkApp.start} and {@link EngineProcess.start}
 */
export async function startApp(
  surroundings: Surroundings,
  { name, module, restartAttempts }: DeployOptions,
): Promise<EngineProcess | FlinkApp> {
  const { request, engine, aws, logs, folder } = surroundings
  const values = valuesOf(surroundings)
  const isMain = name === request.app.name
  const place = `s3://${aws.checkpoints?.bucket}/${name}`
  const withoutKinesis = !request.kinesis
  const limit = restartAttempts === undefined ? {} : { restartAttempts }
  if (engine === 'flink') {
    const apache = { values: { ...process.env, ...values } }
    return await FlinkApp.start({
      name,
      module: renderModule(module, { withoutKinesis, apache }),
      bucket: { url: place, endpoint: aws.endpoint ?? '', credentials: aws.credentials },
      logFolder: isMain ? logs : join(logs, name),
      ...limit,
    })
  }
  return await EngineProcess.start({
    app: request.app,
    name,
    module: renderModule(module, { withoutKinesis }),
    values,
    place: `${place}?endpoint=${aws.endpoint}&region=${aws.region}`,
    folder,
    logPath: join(logs, isMain ? 'engine.log' : `${name}.log`),
    ...limit,
  })
}
