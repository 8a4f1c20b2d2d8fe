import { join } from 'node:path'
import type { EngineOptions } from '@statefun/engine'
import { type Child, startChild, waitUntilReady } from '@statefun/gate'

/** What an engine process is told. */
export interface EngineProcessSettings {
  /** Name of the app; `test` unless said otherwise. */
  readonly app?: string
  readonly module: string
  readonly dir: string
  /** `s3:` URL of a bucket for the checkpoints, in place of the folder. */
  readonly bucket?: string
  /** In memory unless said otherwise. */
  readonly state?: EngineOptions['state']
  /** Topic that the functions emit to. */
  readonly results: string
  /** True: the functions are behind the module's URL. */
  readonly remote?: boolean
  readonly intervalMs?: number
  readonly compactAfterBytes?: number
  /** Of its transactions with this broker, so many of the first are held up before their marker, each for so many milliseconds. */
  readonly lateMarkers?: { readonly bootstrap: string; readonly milliseconds: readonly number[] }
}

/** An engine in a process of its own, and its admin API. */
export interface EngineChild {
  readonly child: Child
  readonly admin: string
}

let started = 0

/** Starts an engine process and returns when it takes records. */
export async function startEngineChild(settings: EngineProcessSettings): Promise<EngineChild> {
  const child = await spawnEngine(settings, join(settings.dir, '..', `engine-${started++}.log`))
  return { child, admin: await adminOf(child) }
}

/** Starts an engine process. It ends with code 1 when it cannot start or gives up; its log then has the reason. */
export function spawnEngine(settings: EngineProcessSettings, logPath: string): Promise<Child> {
  return startChild({
    name: 'engine',
    command: process.execPath,
    args: [join(import.meta.dirname, 'engine-process.ts'), JSON.stringify(settings)],
    logPath,
  })
}

/** Base URL of an engine's admin API once it takes records; kills what does not get there in time. */
export function adminOf(child: Child, timeoutMs?: number): Promise<string> {
  return printed(child, /^admin (http\S+)$/m, timeoutMs)
}

/** Starts a function server process; 0 picks a free port. */
export async function startFunctionServer(
  folder: string,
  results: string,
  options: { readonly port?: number; readonly failureRate?: number } = {},
): Promise<{ readonly child: Child; readonly port: number }> {
  const { port = 0, failureRate = 0 } = options
  const child = await startChild({
    name: 'function server',
    command: process.execPath,
    args: [join(import.meta.dirname, 'function-server.ts'), results, String(port), String(failureRate)],
    logPath: join(folder, `functions-${started++}.log`),
  })
  return { child, port: Number(await printed(child, /^listening on (\d+)$/m)) }
}

async function printed(child: Child, pattern: RegExp, timeoutMs = 30_000): Promise<string> {
  let found: string | undefined
  const look = async () => {
    found = pattern.exec(child.logTail(1000))?.[1]
    return found !== undefined
  }
  try {
    await waitUntilReady(child, look, { timeoutMs, intervalMs: 5 })
  } catch (error) {
    await child.kill()
    throw error
  }
  return found ?? ''
}
