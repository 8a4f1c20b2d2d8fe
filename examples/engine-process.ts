import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const STATEFUN = join(import.meta.dirname, '..', 'packages', 'cli', 'src', 'main.ts')

/** What is run, and where its checkpoints go. */
export interface EngineProcessOptions {
  /** Path of a `statefun.config.ts`. */
  readonly config: string
  readonly checkpointPlace: string
  readonly env: Readonly<Record<string, string>>
}

/** `statefun run` in a process of its own; settles once it processes records. */
export async function startEngineProcess(options: EngineProcessOptions): Promise<ChildProcess> {
  const { config, checkpointPlace, env } = options
  const places = ['--config', config, '--checkpoint-place', checkpointPlace, '--admin-port', '0']
  const child = spawn(process.execPath, [STATEFUN, 'run', ...places, '--log', 'json'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout! })
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      const entry = JSON.parse(line) as { readonly msg: string; readonly level: number }
      if (entry.msg === 'running') resolve()
      if (entry.level >= 50) console.error(line)
    })
    child.once('exit', (code) => reject(new Error(`the engine ended with ${code} before it was running`)))
  })
  return child
}

/** Ends it with a signal and waits for its end; fine when it has ended. */
export async function endEngineProcess(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
}
