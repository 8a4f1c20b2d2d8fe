import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/** What a process took. */
export interface Usage {
  /** User and system time of all threads. */
  readonly cpuSeconds: number
  /** Largest resident set, MiB. */
  readonly peakMb: number
}

/** The engine under test: `statefun run`, as a user starts it. */
export interface EngineProcess extends AsyncDisposable {
  /** `performance.now()` of this process when it was spawned. */
  readonly spawnedAt: number
  /** What it took since then. */
  usage(): Usage
  /** @throws Error when the process has ended */
  assertRunning(): void
}

const COMMAND = join(import.meta.dirname, '../../../packages/cli/src/main.ts')
/** Of the kernel's accounting (`getconf CLK_TCK`), the same on every Linux. */
const TICKS_PER_SECOND = 100

/**
 * Starts the engine with an empty checkpoint folder; `functionUrl` undefined runs the function in its process.
 * `BENCH_ENGINE_FLAGS` in the environment are flags for Node, such as `--cpu-prof`.
 */
export function startEngineProcess(bootstrap: string, functionUrl: string | undefined): EngineProcess {
  const dir = mkdtempSync(join(tmpdir(), 'statefun-bench-'))
  const config = join(import.meta.dirname, 'statefun.config.ts')
  const args = [
    'run',
    '--config',
    config,
    '--checkpoint-dir',
    dir,
    '--admin-port',
    '0',
    '--log-level',
    'warn',
  ]
  const spawnedAt = performance.now()
  const child = spawn(COMMAND, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      // The first line of the command looks for node there.
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`,
      NODE_OPTIONS: process.env.BENCH_ENGINE_FLAGS ?? '',
      BENCH_KAFKA: bootstrap,
      ...(functionUrl === undefined ? {} : { BENCH_FUNCTION_URL: functionUrl }),
    },
  })
  return {
    spawnedAt,
    usage() {
      const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))
      return {
        cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
        peakMb: Number(peak?.[1]) / 1024,
      }
    },
    assertRunning() {
      const { exitCode, signalCode } = child
      if (exitCode !== null || signalCode !== null) {
        throw new Error(`the engine ended with ${signalCode ?? exitCode}`)
      }
    },
    async [Symbol.asyncDispose]() {
      await end(child, () => child.kill('SIGTERM'))
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Starts the function server; resolves with its URL. */
export async function startFunctionProcess(): Promise<{ readonly url: string } & AsyncDisposable> {
  const child = fork(join(import.meta.dirname, 'function-process.ts'), [])
  const [url] = (await once(child, 'message')) as [string]
  return { url, [Symbol.asyncDispose]: () => end(child, () => child.disconnect()) }
}

async function end(child: ChildProcess, ask: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
  ask()
  await exited
  clearTimeout(timer)
}
