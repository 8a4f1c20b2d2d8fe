import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { startChild } from '@statefun/gate'
import { processUsage, type Usage } from './process-usage.ts'

/** An engine under test. */
export interface EngineProcess extends AsyncDisposable {
  /** `performance.now()` of this process when its first process was started. */
  readonly spawnedAt: number
  /** What it took since then. */
  usage(): Usage
  /** @throws Error when it has ended */
  assertRunning(): void
}

const COMMAND = join(import.meta.dirname, '../../../packages/cli/src/main.ts')
const STOP_GRACE_MS = 5_000

/**
 * Who installs the packages runs JavaScript. Here Node compiles TypeScript, with a compiler that takes 30 MB of each process,
 * unless it finds what it has compiled before: in the folder that the command itself uses.
 */
const COMPILED = { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') }

/** As in the image of a function server. */
const FUNCTION_FLAGS = ['--max-semi-space-size=4', '--heap-growing-percent=50']

/** What may differ between runs of `statefun run`. */
export interface EngineSettings {
  /** Where the function is served; undefined runs it in the engine's process. */
  readonly functionUrl?: string | undefined
  /** Path of the module.yaml; default that of the app. */
  readonly module?: string
  /** Milliseconds; default the engine's. */
  readonly checkpointIntervalMs?: number
  /** Path of the statefun.config.ts; default that of the app. */
  readonly config?: string
  /** Default any free one. */
  readonly adminPort?: number
  /** More environment. */
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Starts the engine as a user does, with an empty checkpoint folder. It has a session of its own, as a broker and Flink have:
 * Linux shares busy cores between sessions (`sched_autogroup`), not between processes.
 *
 * `BENCH_ENGINE_FLAGS` in the environment are flags for Node, such as `--cpu-prof`.
 */
export async function startEngineProcess(
  bootstrap: string,
  settings: EngineSettings = {},
): Promise<EngineProcess> {
  const dir = mkdtempSync(join(tmpdir(), 'statefun-bench-'))
  const { functionUrl, module, checkpointIntervalMs, adminPort = 0, env = {} } = settings
  const config = settings.config ?? join(import.meta.dirname, 'statefun.config.ts')
  const args = [
    'run',
    '--config',
    config,
    '--checkpoint-dir',
    dir,
    '--admin-port',
    String(adminPort),
    '--log-level',
    'warn',
    ...(module === undefined ? [] : ['--module', module]),
    ...(checkpointIntervalMs === undefined ? [] : ['--checkpoint-interval', String(checkpointIntervalMs)]),
  ]
  const spawnedAt = performance.now()
  const child = await startChild({
    name: 'engine',
    command: COMMAND,
    args,
    env: {
      // The first line of the command looks for node there.
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`,
      NODE_OPTIONS: process.env.BENCH_ENGINE_FLAGS ?? '',
      ...COMPILED,
      BENCH_KAFKA: bootstrap,
      // A new app each time, as its checkpoint folder is: what it published before is not its own.
      BENCH_APP: `bench-${randomUUID()}`,
      BENCH_FUNCTION_URL: functionUrl,
      ...env,
    },
    logPath: join(dir, 'engine.log'),
    removeWithParent: dir,
  })
  return {
    spawnedAt,
    usage: () => processUsage(child.pid),
    assertRunning() {
      if (child.exit === undefined) return
      throw new Error(`the engine ended with ${child.exit.signal ?? child.exit.code}\n${child.logTail()}`)
    },
    async [Symbol.asyncDispose]() {
      await child.stop(STOP_GRACE_MS)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** The function server, a process of its own. */
export interface FunctionProcess extends AsyncDisposable {
  readonly url: string
  /** What it took since its start. */
  usage(): Usage
}

/** Starts the function server, in a session of its own; resolves once it serves. It ends with this process. */
export async function startFunctionProcess(): Promise<FunctionProcess> {
  const child = fork(join(import.meta.dirname, 'function-process.ts'), [], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: FUNCTION_FLAGS,
    env: { ...process.env, ...COMPILED },
  })
  const [url] = (await once(child, 'message')) as [string]
  return {
    url,
    usage: () => processUsage(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS)
      child.disconnect()
      await exited
      clearTimeout(timer)
    },
  }
}
