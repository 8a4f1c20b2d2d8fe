import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { StatefunError } from '@statefun/protocol'
import { acceptsConnections } from '../../process/accepts-connections.ts'
import { type Child, startChild } from '../../process/child.ts'
import { freePorts } from '../../process/free-ports.ts'
import { logTail } from '../../process/log-tail.ts'
import { waitUntilReady } from '../../process/wait-until-ready.ts'
import type { AppStatus, AppUnderTest, RunningApp, StateOfInstance } from '../topology.ts'
import { readLog } from './read-log.ts'
import { statefunProgram } from './statefun-program.ts'

/** What an engine's process is started from. */
export interface EngineProcessOptions {
  readonly app: AppUnderTest
  /** Of this run of the app: part of client ids, and of the checkpoint's name. */
  readonly name: string
  /** Text of module.yaml. */
  readonly module: string
  /** What its placeholders stand for. */
  readonly values: Readonly<Record<string, string>>
  /** Where checkpoints go: a folder or URL. */
  readonly place: string
  /** Existing folder for what the process is started from. */
  readonly folder: string
  readonly logPath: string
  /** Without limit when left out. */
  readonly restartAttempts?: number
}

const START_TIMEOUT_MS = 60_000
const START_ATTEMPTS = 3
const STOP_GRACE_MS = 15_000
const ADMIN_TIMEOUT_MS = 5_000
const NO_LIMIT = 2_147_483_647
const LOG_LINES = 400

/** An app on the embedded engine as in production: a process of `statefun run`, its functions behind HTTP. */
export class EngineProcess implements RunningApp {
  readonly name: string
  readonly logPath: string
  readonly #options: EngineProcessOptions
  readonly #config: string
  readonly #module: string
  readonly #port: number
  #child: Child | undefined
  #killed = false
  #ready = false

  private constructor(options: EngineProcessOptions, port: number) {
    this.name = options.name
    this.logPath = options.logPath
    this.#options = options
    this.#port = port
    this.#module = join(options.folder, `${options.name}.module.yaml`)
    this.#config = join(options.folder, `${options.name}.config.mjs`)
    writeFileSync(this.#module, options.module)
    writeFileSync(this.#config, configText(options.app, options.name))
  }

  /**
   * Starts the process and returns when it takes records.
   *
   * @throws StatefunError `SF_GATE_NO_CLI`, `SF_GATE_START_FAILED`, `SF_GATE_START_TIMEOUT`
   */
  static async start(options: EngineProcessOptions): Promise<EngineProcess> {
    for (let attempt = 1; ; attempt += 1) {
      const [port = 0] = await freePorts(1)
      const engine = new EngineProcess(options, port)
      try {
        await engine.start()
        return engine
      } catch (error) {
        if (attempt === START_ATTEMPTS || !(await engine.log()).includes('EADDRINUSE')) throw error
      }
    }
  }

  /** `http://127.0.0.1:<port>` of the admin API. */
  get adminUrl(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Starts it again after {@link kill}. */
  async start(): Promise<void> {
    if (this.#child !== undefined && this.#child.exit === undefined) return
    const { app, values, place, restartAttempts = NO_LIMIT } = this.#options
    this.#ready = false
    this.#killed = false
    const child = await startChild({
      name: `engine of ${this.name}`,
      command: process.execPath,
      args: [
        statefunProgram(app.folder),
        'run',
        ...['--config', this.#config],
        ...['--module', this.#module],
        ...['--checkpoint-place', place],
        ...['--admin-host', '127.0.0.1'],
        ...['--admin-port', String(this.#port)],
        ...['--restart-attempts', String(restartAttempts)],
        ...['--log', 'text'],
      ],
      cwd: app.folder,
      env: { ...values, NO_COLOR: '1' },
      logPath: this.logPath,
    })
    this.#child = child
    try {
      const isReady = async () => (await acceptsConnections(this.#port)) && (await this.#ask('/ready')).ok
      await waitUntilReady(child, isReady, { timeoutMs: START_TIMEOUT_MS })
      this.#ready = true
    } catch (error) {
      await child.kill()
      throw error
    }
  }

  async kill(): Promise<void> {
    this.#killed = true
    await this.#child?.kill()
  }

  pause(): void {
    this.#child?.signal('SIGSTOP')
  }

  resume(): void {
    this.#child?.signal('SIGCONT')
  }

  async status(): Promise<AppStatus> {
    const exit = this.#child?.exit
    if (exit !== undefined) {
      const state = this.#killed || exit.code === 0 ? 'stopped' : 'failed'
      return { state, restarts: 0, checkpoints: 0, reason: logTail(this.logPath) }
    }
    const notReady = {
      state: this.#ready ? 'restarting' : 'starting',
      reason: logTail(this.logPath),
    } as const
    try {
      const response = await this.#ask('/ready')
      const { restarts } = (await response.json()) as { readonly restarts: number }
      const completed = /^\S*checkpoints_completed\S* (\d+)/m.exec(await this.metrics())?.[1]
      const facts = { restarts, checkpoints: Number(completed ?? 0) }
      return response.ok ? { state: 'running', ...facts } : { ...notReady, ...facts }
    } catch {
      // Its last moments: the admin API has closed, the process is still there.
      return { ...notReady, restarts: 0, checkpoints: 0 }
    }
  }

  async metrics(): Promise<string> {
    return (await this.#ask('/metrics')).text()
  }

  async log(): Promise<string> {
    return (await readLog(this.logPath)).split('\n').slice(-LOG_LINES).join('\n')
  }

  async state(typename: string, id: string): Promise<readonly StateOfInstance[]> {
    const response = await this.#ask(`/state/${typename}/${encodeURIComponent(id)}`)
    const body: unknown = await response.json()
    if (!response.ok) throw StatefunError.from(body)
    const { states } = body as {
      readonly states: readonly { readonly name: string; readonly typename: string; readonly value: string }[]
    }
    return states.map(({ name, typename, value }) => ({
      name,
      typename,
      value: Buffer.from(value, 'base64'),
    }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.resume()
    await this.#child?.stop(STOP_GRACE_MS)
  }

  async #ask(path: string): Promise<Response> {
    return await fetch(this.adminUrl + path, { signal: AbortSignal.timeout(ADMIN_TIMEOUT_MS) })
  }
}

/** The app's own configuration under another name, with its functions elsewhere. */
function configText(app: AppUnderTest, name: string): string {
  return `import { config as own } from ${JSON.stringify(pathToFileURL(app.config).href)}

export const config = { ...own, app: ${JSON.stringify(name)}, functions: [] }
`
}
