import { type ChildProcess, fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { FromEngine, ToEngine } from './messages.ts'

/** Longest time that a child may take to stop in order before it is killed, in milliseconds. */
const STOP_MS = 10_000

/** What is heard of the engine's process. */
export interface EngineChildListener {
  message(message: FromEngine): void
  /** A line that the app itself printed. */
  printed(line: string): void
  /** It ended without having been asked to. */
  ended(code: number | null): void
}

/** The engine's process of `statefun dev`. */
export class EngineChild {
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  #stopping = false

  /** @param program path of the `statefun` command itself */
  constructor(program: string, args: readonly string[], cwd: string, listener: EngineChildListener) {
    this.#child = fork(program, [...args], { cwd, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    this.#child.on('message', (message) => listener.message(message as FromEngine))
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => listener.printed(line))
    }
    this.#exited = new Promise((resolve) => {
      const ended = (code: number | null) => {
        resolve()
        if (!this.#stopping) listener.ended(code)
      }
      this.#child.once('close', ended)
      this.#child.once('error', () => ended(null))
    })
  }

  /** Lets it drain and write its last checkpoint. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#child.connected) this.#child.send({ type: 'stop' } satisfies ToEngine, () => undefined)
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS)
    await this.#exited
    clearTimeout(timer)
  }
}
