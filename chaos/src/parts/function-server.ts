import type { Child } from '@statefun/gate'
import { startFunctionServer } from '../../../test/engine/kit/engine-child.ts'

/** The function server: a process that can be killed and comes back at the same address. */
export class FunctionServer {
  readonly port: number
  readonly #folder: string
  readonly #results: string
  #child: Child

  private constructor(folder: string, results: string, child: Child, port: number) {
    this.#folder = folder
    this.#results = results
    this.#child = child
    this.port = port
  }

  /** @param results topic that the functions emit to */
  static async start(folder: string, results: string): Promise<FunctionServer> {
    const { child, port } = await startFunctionServer(folder, results)
    return new FunctionServer(folder, results, child, port)
  }

  /** SIGKILL; settles when the process is gone. */
  async kill(): Promise<void> {
    await this.#child.kill()
  }

  /** Starts it after a kill; settles when it takes calls. */
  async restart(): Promise<void> {
    const { child } = await startFunctionServer(this.#folder, this.#results, { port: this.port })
    this.#child = child
  }
}
