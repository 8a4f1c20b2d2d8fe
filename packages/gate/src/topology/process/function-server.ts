import { pathToFileURL } from 'node:url'
import { acceptsConnections } from '../../process/accepts-connections.ts'
import { type Child, startChild } from '../../process/child.ts'
import { freePorts } from '../../process/free-ports.ts'
import { waitUntilReady } from '../../process/wait-until-ready.ts'
import type { AppUnderTest } from '../topology.ts'
import { readLog } from './read-log.ts'

/** Serves what the app's configuration exports, with the sdk that the app has. */
const PROGRAM = `
import { serve } from '@statefun/sdk'
const [config, port] = process.argv.slice(1)
const { functions } = (await import(config)).config
await serve(functions ?? [], { port: Number(port), host: '127.0.0.1' })
`
const START_TIMEOUT_MS = 60_000
const START_ATTEMPTS = 3
const STOP_GRACE_MS = 5_000

/** The functions of an app in a process of their own, behind HTTP. */
export class FunctionServer implements AsyncDisposable {
  /** `http://127.0.0.1:<port>/statefun`, the same over all its starts. */
  readonly url: string
  readonly logPath: string
  readonly #app: AppUnderTest
  readonly #port: number
  #child: Child | undefined

  private constructor(app: AppUnderTest, port: number, logPath: string) {
    this.#app = app
    this.#port = port
    this.logPath = logPath
    this.url = `http://127.0.0.1:${port}/statefun`
  }

  /**
   * Starts the server on a random port and returns when it answers.
   *
   * @param logPath its log, appended to
   * @throws StatefunError `SF_GATE_START_FAILED`, `SF_GATE_START_TIMEOUT`
   */
  static async start(app: AppUnderTest, logPath: string): Promise<FunctionServer> {
    for (let attempt = 1; ; attempt += 1) {
      const [port = 0] = await freePorts(1)
      const server = new FunctionServer(app, port, logPath)
      try {
        await server.start()
        return server
      } catch (error) {
        if (attempt === START_ATTEMPTS || !(await server.log()).includes('EADDRINUSE')) throw error
      }
    }
  }

  /** Starts it again after {@link kill}. */
  async start(): Promise<void> {
    if (this.#child !== undefined && this.#child.exit === undefined) return
    const child = await startChild({
      name: 'function server',
      command: process.execPath,
      args: [
        '--input-type=module',
        '--eval',
        PROGRAM,
        pathToFileURL(this.#app.config).href,
        String(this.#port),
      ],
      // Where the program's own import is resolved from.
      cwd: this.#app.folder,
      logPath: this.logPath,
    })
    this.#child = child
    try {
      const isReady = async () => (await acceptsConnections(this.#port)) && (await fetch(this.url)).ok
      await waitUntilReady(child, isReady, { timeoutMs: START_TIMEOUT_MS })
    } catch (error) {
      await child.kill()
      throw error
    }
  }

  async kill(): Promise<void> {
    await this.#child?.kill()
  }

  pause(): void {
    this.#child?.signal('SIGSTOP')
  }

  resume(): void {
    this.#child?.signal('SIGCONT')
  }

  log(): Promise<string> {
    return readLog(this.logPath)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.resume()
    await this.#child?.stop(STOP_GRACE_MS)
  }
}
