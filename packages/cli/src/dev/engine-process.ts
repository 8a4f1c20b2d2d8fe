import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Engine,
  ingressTopics,
  lockFolder,
  MemoryTopics,
  type ModuleDefinition,
  memoryConnector,
  playgroundConnector,
  recordToJson,
  serveTopics,
  startEngine,
} from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { type LoadedConfig, loadConfig } from '../load-config.ts'
import { showRecord } from '../output/show-record.ts'
import { placeResolvers } from '../places.ts'
import { readModule } from '../read-module.ts'
import { devLogger } from './dev-logger.ts'
import type { FromEngine } from './messages.ts'

/** How many records a topic keeps at least. */
const RETAIN_RECORDS = 10_000
/** A reload shall be quick, also while a function fails again and again. */
const DRAIN_MS = 1_000
/** Longest wait for a process that is about to end. */
const TAKE_MS = 3_000

/** How the app is run by `statefun dev`. */
export interface EngineProcessOptions {
  readonly config: string
  readonly adminPort: number | undefined
}

/**
 * The process below `statefun dev`: the engine on in-process topics, until its parent asks it to stop or is gone.
 *
 * @returns the exit code
 */
export async function runEngineProcess(options: EngineProcessOptions): Promise<number> {
  const stopped = stopRequested()
  // Ctrl-C reaches the whole group; the parent decides when this process stops.
  process.on('SIGINT', () => undefined)
  let release: (() => Promise<void>) | undefined
  let topics: MemoryTopics | undefined
  let engine: Engine | undefined
  try {
    const loaded = await loadConfig(process.cwd(), options.config)
    const warnings = {
      write: (text: string) => void tell({ type: 'log', level: 'warn', text: text.trimEnd() }),
    }
    const module = await readModule(warnings, loaded.module, loaded.config.functions)
    release = await takeFolder(devFolder(loaded.folder))
    topics = new MemoryTopics({
      journal: join(devFolder(loaded.folder), 'topics.ndjson'),
      retainRecords: RETAIN_RECORDS,
    })
    engine = await start(loaded, module, topics, options.adminPort)
    const reason = await Promise.race([engine.failed, stopped])
    if (reason !== undefined) throw reason
    await engine.stop({ drainMs: DRAIN_MS })
    return 0
  } catch (error) {
    await tell({ type: 'failed', text: StatefunError.from(error).format() })
    await engine?.stop({ drainMs: 0 }).catch(() => undefined)
    return 1
  } finally {
    topics?.close()
    await release?.()
    process.disconnect?.()
  }
}

/** Where `statefun dev` keeps the topics and the state of the app in a folder. */
export function devFolder(folder: string): string {
  return join(folder, '.statefun', 'dev')
}

/**
 * Keeps a second `statefun dev` out of a folder. One that was killed leaves a process behind that still writes its last
 * checkpoint: it is waited for.
 *
 * @returns releases it
 */
async function takeFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true })
  const until = performance.now() + TAKE_MS
  for (;;) {
    try {
      return await lockFolder(folder)
    } catch (error) {
      if (performance.now() > until) throw error
    }
    await sleep(100)
  }
}

async function start(
  loaded: LoadedConfig,
  module: ModuleDefinition,
  topics: MemoryTopics,
  adminPort: number | undefined,
): Promise<Engine> {
  const { config, admin, checkpoint } = loaded
  const inputs = ingressTopics(module)
  topics.tailAll((record) => {
    void tell({
      type: 'record',
      direction: inputs.includes(record.topic) ? 'in' : 'out',
      record: showRecord(recordToJson(record), config.topics?.[record.topic]),
    })
  })
  const logger = devLogger(loaded.folder, (level, text) => void tell({ type: 'log', level, text }))
  const engine = await startEngine({
    app: config.app,
    module,
    functions: config.functions ?? [],
    connectors: [memoryConnector(topics), playgroundConnector(config.playground ?? {})],
    checkpoint: {
      ...checkpoint,
      place: join(devFolder(loaded.folder), 'checkpoint'),
      resolvers: placeResolvers(logger),
    },
    restart: { attempts: 0 },
    admin: {
      ...admin,
      port: adminPort ?? admin.port,
      routes: [(request, response) => serveTopics(topics, request, response)],
    },
    logger,
  })
  void tell({
    type: 'ready',
    app: config.app,
    admin: engine.url ?? '',
    functions: (config.functions ?? []).map((fn) => fn.typename),
    ingressTopics: inputs,
  })
  return engine
}

/** Settles when the parent's end of the channel has the message. */
async function tell(message: FromEngine): Promise<void> {
  if (!process.connected) return
  await new Promise<void>((resolve) => process.send?.(message, undefined, {}, () => resolve()))
}

function stopRequested(): Promise<undefined> {
  return new Promise((resolve) => {
    process.once('message', () => resolve(undefined))
    process.once('disconnect', () => resolve(undefined))
    process.once('SIGTERM', () => resolve(undefined))
  })
}
