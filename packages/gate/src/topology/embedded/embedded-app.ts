import { readFile } from 'node:fs/promises'
import { type Connector, type Engine, type EngineOptions, type Logger, startEngine } from '@statefun/engine'
import type { AppStatus, RunningApp, StateOfInstance } from '../topology.ts'

/** What an {@link EmbeddedApp} is started from. */
export interface EmbeddedAppOptions {
  readonly name: string
  readonly module: EngineOptions['module']
  readonly functions: NonNullable<EngineOptions['functions']>
  readonly connectors: readonly Connector[]
  /** Folder of its checkpoints. */
  readonly checkpoint: string
  readonly logPath: string
  readonly logger: Logger
  readonly restartAttempts?: number
}

/** An app on the embedded engine in this process: an engine may be killed and started again, the app remains. */
export class EmbeddedApp implements RunningApp {
  readonly name: string
  readonly #options: EmbeddedAppOptions
  #engine: Engine | undefined
  #failure: string | undefined
  #kills = 0

  constructor(options: EmbeddedAppOptions) {
    this.name = options.name
    this.#options = options
  }

  /** Starts an engine when none runs, from the last checkpoint. */
  async start(): Promise<void> {
    if (this.#engine !== undefined) return
    const { name, module, functions, connectors, checkpoint, logger, restartAttempts } = this.#options
    const engine = await startEngine({
      app: name,
      module,
      functions,
      connectors,
      checkpoint: { place: checkpoint },
      restart: { delayMs: 100, ...(restartAttempts === undefined ? {} : { attempts: restartAttempts }) },
      logger,
    })
    this.#engine = engine
    this.#failure = undefined
    logger.info({ app: name, kills: this.#kills }, 'engine started')
    void engine.failed.then((error) => {
      if (this.#engine === engine) this.#failure = error.format()
    })
  }

  /** No drain and no last checkpoint, as in a crash. */
  async kill(): Promise<void> {
    const engine = this.#engine
    this.#engine = undefined
    if (engine === undefined) return
    this.#kills++
    await engine.kill()
    this.#options.logger.warn({ app: this.name }, 'engine killed by a test')
  }

  async status(): Promise<AppStatus> {
    const engine = this.#engine
    const restarts = this.#kills + (engine?.restarts ?? 0)
    if (engine === undefined) return { state: 'stopped', restarts, checkpoints: 0 }
    const checkpoints = sampleOf(await engine.metrics.render(), 'checkpoints_completed')
    if (this.#failure !== undefined) return { state: 'failed', restarts, checkpoints, reason: this.#failure }
    return { state: engine.ready ? 'running' : 'restarting', restarts, checkpoints }
  }

  async metrics(): Promise<string> {
    return (await this.#engine?.metrics.render()) ?? ''
  }

  async log(): Promise<string> {
    return await readFile(this.#options.logPath, 'utf8').catch(() => '')
  }

  async state(typename: string, id: string): Promise<readonly StateOfInstance[]> {
    return this.#engine?.state(typename, id) ?? []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const engine = this.#engine
    this.#engine = undefined
    await engine?.stop({ drainMs: 1000 })
  }
}

/** The value of a metric without labels, by the end of its name. */
function sampleOf(metrics: string, name: string): number {
  return Number(new RegExp(`^[^#\\s]*${name} (\\S+)$`, 'm').exec(metrics)?.[1] ?? 0)
}
