import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Io } from '../src/io.ts'
import { runProgram } from '../src/program.ts'

/** The checkout. */
export const ROOT = join(import.meta.dirname, '..', '..', '..')

/** The command's own file. */
export const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts')

/** What a run of the command left behind. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Says nothing and hears nothing. */
export const silentIo: Io = {
  stdout: { write() {} },
  stderr: { write() {} },
  stdin: (async function* () {})(),
  cwd: tmpdir(),
  program: MAIN,
  signal: new AbortController().signal,
}

/** Runs the command in this process. */
export async function runCli(
  args: readonly string[],
  options: {
    readonly cwd?: string
    readonly stdin?: string
    readonly signal?: AbortSignal
    readonly openCluster?: Io['openCluster']
  } = {},
): Promise<Outcome> {
  let stdout = ''
  let stderr = ''
  const code = await runProgram(args, {
    stdout: {
      write(text) {
        stdout += text
      },
    },
    stderr: {
      write(text) {
        stderr += text
      },
    },
    stdin: (async function* () {
      yield new TextEncoder().encode(options.stdin ?? '')
    })(),
    cwd: options.cwd ?? tmpdir(),
    program: MAIN,
    signal: options.signal ?? new AbortController().signal,
    ...(options.openCluster === undefined ? {} : { openCluster: options.openCluster }),
  })
  return { code, stdout, stderr }
}

/**
 * A temporary folder in which the packages of this workspace can be imported.
 *
 * @param more packages that can be imported, too
 */
export function makeWorkFolder(...more: readonly string[]): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'statefun-cli-'))
  mkdirSync(join(path, 'node_modules'))
  for (const name of ['@statefun', '@bufbuild', 'zod', ...more]) {
    symlinkSync(join(ROOT, 'node_modules', name), join(path, 'node_modules', name))
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) }
}

/** A copy of an example in a work folder. */
export function copyExample(name: string, work: string): string {
  const target = join(work, name)
  cpSync(join(ROOT, 'examples', name), target, {
    recursive: true,
    filter: (path) => !/node_modules|\.statefun/.test(path),
  })
  return target
}

/** The command in a process of its own, whose output can be waited for. */
export class CliProcess {
  output = ''
  readonly #child: ChildProcess
  /** Settles with the exit code when it has ended; null when a signal ended it. */
  readonly exit: Promise<number | null>

  constructor(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(process.execPath, [MAIN, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
      })
    }
    this.exit = new Promise((resolve) => this.#child.once('close', resolve))
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** Waits until the output after `from` characters matches. */
  async waitFor(pattern: RegExp, from = 0, timeoutMs = 15_000): Promise<RegExpExecArray> {
    for (const until = performance.now() + timeoutMs; performance.now() < until; ) {
      const match = pattern.exec(this.output.slice(from))
      if (match !== null) return match
      if (this.#child.exitCode !== null) break
      await sleep(25)
    }
    throw new Error(`no ${pattern} in the output:\n${this.output}`)
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Ends it with SIGTERM. */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode === null) this.#child.kill('SIGTERM')
    return await this.exit
  }
}
