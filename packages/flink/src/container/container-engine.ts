import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { StatefunError } from '@statefun/protocol'

/** Programs that build and run containers with the same commands, in the order they are looked for. */
export const CONTAINER_ENGINES = ['docker', 'podman'] as const

/** See {@link CONTAINER_ENGINES}. */
export type ContainerEngineName = (typeof CONTAINER_ENGINES)[number]

/** How a command of an engine is run. */
export interface EngineCommandOptions {
  /** Gets every line of standard output and standard error. */
  readonly onLine?: (line: string) => void
  readonly signal?: AbortSignal
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** A container engine on this machine. */
export interface ContainerEngine {
  readonly name: ContainerEngineName
  /**
   * Runs a command of it.
   *
   * @returns standard output
   * @throws StatefunError `SF_CONTAINER_COMMAND` with the end of what it printed
   */
  run(args: readonly string[], options?: EngineCommandOptions): Promise<string>
}

const INSTALL_HINT =
  'install Docker (https://docs.docker.com/engine/install; Debian, Ubuntu: apt install docker.io) or Podman (apt install podman), and start it'

/**
 * The container engine of this machine that answers.
 *
 * @param name the one to use; the first that answers when left out
 * @throws StatefunError `SF_CONTAINER_ENGINE` when there is none, or it does not answer
 */
export async function findContainerEngine(name?: ContainerEngineName): Promise<ContainerEngine> {
  const causes: string[] = []
  for (const candidate of name === undefined ? CONTAINER_ENGINES : [name]) {
    const engine = containerEngine(candidate)
    try {
      await engine.run(['version'])
      return engine
    } catch (error) {
      causes.push(`${candidate}: ${lastLine(StatefunError.from(error))}`)
    }
  }
  throw new StatefunError('SF_CONTAINER_ENGINE', 'no container engine answers', {
    excerpt: causes.join('\n'),
    hint: INSTALL_HINT,
  })
}

/** An engine by its name, without looking whether it is there. */
export function containerEngine(name: ContainerEngineName): ContainerEngine {
  return { name, run: (args, options) => runCommand(name, args, options) }
}

function lastLine({ message, excerpt }: StatefunError): string {
  return excerpt?.trim().split('\n').at(-1) ?? message
}

/** Lines of output that an error shows. */
const SHOWN_LINES = 20

/**
 * Runs a program and collects what it prints.
 *
 * @returns standard output
 * @throws StatefunError `SF_CONTAINER_COMMAND`
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { onLine, signal, env }: EngineCommandOptions = {},
): Promise<string> {
  signal?.throwIfAborted()
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(signal === undefined ? {} : { signal }),
  })
  const tail: string[] = []
  let stdout = ''
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (stream === child.stdout) stdout += `${line}\n`
      tail.push(line)
      if (tail.length > SHOWN_LINES) tail.shift()
      onLine?.(line)
    })
  }
  const { code, error } = await new Promise<{ code: number | null; error?: unknown }>((resolve) => {
    child.once('error', (error) => resolve({ code: null, error }))
    child.once('close', (code) => resolve({ code }))
  })
  signal?.throwIfAborted()
  if (error !== undefined) {
    throw new StatefunError('SF_CONTAINER_COMMAND', `${command} cannot be run`, { cause: error })
  }
  if (code === 0) return stdout
  throw new StatefunError(
    'SF_CONTAINER_COMMAND',
    `${[command, ...args].join(' ')} failed (exit code ${code})`,
    {
      excerpt: tail.join('\n'),
    },
  )
}
