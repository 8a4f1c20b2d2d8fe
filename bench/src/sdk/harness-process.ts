import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Measurement } from './harness.ts'

/** A started SDK process (`harness.ts`), asked for one measurement at a time; it uses no CPU in between. */
export class HarnessProcess implements AsyncDisposable {
  readonly name: string
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly #ended: Promise<void>
  #errors = ''

  constructor(name: string, command: string, args: readonly string[]) {
    this.name = name
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#ended = new Promise((resolve) => {
      child.on('close', () => resolve())
      child.on('error', (error) => {
        this.#errors += error.message
        resolve()
      })
    })
    child.stderr.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString()
    })
    // A process that ended says so by ending its output.
    child.stdin.on('error', () => {})
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    this.#child = child
  }

  /** @throws Error with what the process wrote on standard error, when it ended instead of measuring */
  async measure(requestsFile: string, answersFile: string, millis: number): Promise<Measurement> {
    this.#child.stdin?.write(`${requestsFile}\t${answersFile}\t${millis}\n`)
    const line = await this.#lines.next()
    if (line.done === true) {
      await this.#ended
      throw new Error(`the ${this.name} process ended:\n${this.#errors.trim()}`)
    }
    return JSON.parse(line.value) as Measurement
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null)
      return
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}
