import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'

/** A process of this bench that answers one request at a time and is idle in between. */
export class Child<Request extends number | object, Answer> implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #ended: Promise<unknown>

  constructor(file: string) {
    this.#process = fork(join(import.meta.dirname, file), { execArgv: ['--expose-gc'] })
    this.#ended = new Promise((resolve) => this.#process.once('exit', resolve))
  }

  /** @throws Error when the process ends instead of answering */
  async ask(request: Request): Promise<Answer> {
    const answer = new Promise<Answer>((resolve) => {
      this.#process.once('message', (message) => resolve(message as Answer))
    })
    this.#process.send(request)
    const ended = this.#ended.then((code) => {
      throw new Error(`a process of the bench ended with ${code}`)
    })
    return await Promise.race([answer, ended])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill('SIGKILL')
    await this.#ended
  }
}
