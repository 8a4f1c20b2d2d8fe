import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryTopics, memoryConnector, readModuleFile, startEngine } from '@statefun/engine'
import { type Channel, memoryChannel } from '@statefun/gate/channel'
import type { InvocableFunction } from '@statefun/protocol'
import { functions as appFunctions } from '../app/functions.ts'
import type { ReadStates } from './states.ts'

/** The gate's app on an embedded engine in this process, with topics of its own. */
export interface ReferenceEngine extends AsyncDisposable {
  readonly channel: Channel
  readonly states: ReadStates
}

/** @param functions those of the app unless a test puts others in their place */
export async function startReference(
  functions: readonly InvocableFunction[] = appFunctions,
): Promise<ReferenceEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'statefun-parity-'))
  const topics = new MemoryTopics({ partitions: 2 })
  const engine = await startEngine({
    app: 'parity',
    module: await readModuleFile(join(import.meta.dirname, '..', 'app', 'module.yaml'), {
      functions: functions.map(({ typename }) => typename),
    }),
    functions,
    connectors: [memoryConnector(topics)],
    checkpoint: { dir: folder },
  })
  const channel = memoryChannel(topics)
  return {
    channel,
    states: (typename, id) => engine.state(typename, id),
    async [Symbol.asyncDispose]() {
      await channel[Symbol.asyncDispose]()
      await engine.kill()
      topics.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
