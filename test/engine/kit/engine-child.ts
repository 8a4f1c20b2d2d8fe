import { join } from 'node:path'
import { type Child, startChild, waitUntilReady } from '@statefun/gate'

/** What an engine process is told. */
export interface EngineProcessSettings {
  readonly module: string
  readonly dir: string
  /** Topic that the functions emit to. */
  readonly results: string
  /** True: the functions are behind the module's URL. */
  readonly remote?: boolean
  readonly intervalMs?: number
  readonly compactAfterBytes?: number
}

/** An engine in a process of its own, and its admin API. */
export interface EngineChild {
  readonly child: Child
  readonly admin: string
}

let started = 0

/** Starts an engine process and returns when it takes records. */
export async function startEngineChild(settings: EngineProcessSettings): Promise<EngineChild> {
  const child = await startChild({
    name: 'engine',
    command: process.execPath,
    args: [join(import.meta.dirname, 'engine-process.ts'), JSON.stringify(settings)],
    logPath: join(settings.dir, '..', `engine-${started++}.log`),
  })
  const admin = await printed(child, /^admin (http\S+)$/m)
  return { child, admin }
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

async function printed(child: Child, pattern: RegExp): Promise<string> {
  let found: string | undefined
  const look = async () => {
    found = pattern.exec(child.logTail(1000))?.[1]
    return found !== undefined
  }
  try {
    await waitUntilReady(child, look, { timeoutMs: 30_000, intervalMs: 5 })
  } catch (error) {
    await child.kill()
    throw error
  }
  return found ?? ''
}
