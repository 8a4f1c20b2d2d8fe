import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a process took. */
export interface Usage {
  /** User and system time of all threads. */
  readonly cpuSeconds: number
  /** Largest resident set, MiB. */
  readonly peakMb: number
}

/** The engine under test. */
export interface EngineProcess extends AsyncDisposable {
  /** `performance.now()` of this process when it was spawned. */
  readonly spawnedAt: number
  usage(): Promise<Usage>
  /** @throws Error when the process has ended */
  assertRunning(): void
}

const NODE_FLAGS: readonly string[] = []

/** Starts the engine with an empty checkpoint folder; `functionUrl` undefined runs the function in its process. */
export function startEngineProcess(bootstrap: string, functionUrl: string | undefined): EngineProcess {
  const dir = mkdtempSync(join(tmpdir(), 'statefun-bench-'))
  const spawnedAt = performance.now()
  const child = fork(join(import.meta.dirname, 'engine-process.ts'), [bootstrap, dir, functionUrl ?? '-'], {
    execArgv: [...NODE_FLAGS, ...(process.env.BENCH_ENGINE_FLAGS?.split(' ') ?? [])],
  })
  return {
    spawnedAt,
    async usage() {
      child.send('usage')
      const [usage] = (await once(child, 'message')) as [Usage]
      return usage
    },
    assertRunning() {
      const { exitCode, signalCode } = child
      if (exitCode !== null || signalCode !== null)
        throw new Error(`the engine ended with ${signalCode ?? exitCode}`)
    },
    async [Symbol.asyncDispose]() {
      await end(child)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Starts the function server; resolves with its URL. */
export async function startFunctionProcess(): Promise<{ readonly url: string } & AsyncDisposable> {
  const child = fork(join(import.meta.dirname, 'function-process.ts'), [])
  const [url] = (await once(child, 'message')) as [string]
  return { url, [Symbol.asyncDispose]: () => end(child) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
  child.disconnect()
  await exited
  clearTimeout(timer)
}
