import { statfs } from 'node:fs/promises'
import { tmpdir, totalmem } from 'node:os'
import { type ContainerEngine, findContainerEngine, runCommand } from '@statefun/flink'
import { StatefunError } from '@statefun/protocol'
import { freePorts } from '../../process/free-ports.ts'
import { NODE_PORTS } from './cluster-config.ts'
import { type KindOptions, kindOptions } from './kind-options.ts'

/** What all pods of a run ask for together, and what Kubernetes itself takes. */
const MEMORY_BYTES = 6 * 1024 ** 3
/** Archive of images on its way into the node, the node with them, and what a run writes. */
const DISK_BYTES = 8 * 1024 ** 3

/** Where to look for what {@link kindPreconditions} are about; this machine when left out. */
export interface KindSurroundings {
  readonly env?: NodeJS.ProcessEnv
  readonly memoryBytes?: number
  readonly freeBytes?: number
  readonly findEngine?: (options: KindOptions) => Promise<ContainerEngine>
  /** Runs a program to see whether it is there. */
  readonly run?: (command: string, args: readonly string[]) => Promise<string>
}

/**
 * What this machine lacks for a run on kind, each with how to get it. Nothing needs `kubectl`: the gate speaks to the API
 * itself.
 */
export async function kindPreconditions(
  surroundings: KindSurroundings = {},
): Promise<readonly StatefunError[]> {
  const { env = process.env, run = runCommand } = surroundings
  const { findEngine = ({ engine }: KindOptions) => findContainerEngine(engine) } = surroundings
  let options: KindOptions
  try {
    options = kindOptions(env)
  } catch (error) {
    return [StatefunError.from(error)]
  }
  const checks = [
    findEngine(options),
    program(run, 'kind', ['version'], KIND_HINT),
    ...(options.operatorManifests === undefined
      ? [program(run, 'helm', ['version', '--short'], HELM_HINT)]
      : []),
    hasMemory(surroundings.memoryBytes ?? totalmem()),
    hasDisk(surroundings.freeBytes ?? (await freeBytes())),
    freePorts(NODE_PORTS.length),
  ]
  const settled = await Promise.allSettled(checks)
  return settled.flatMap((check) => (check.status === 'rejected' ? [StatefunError.from(check.reason)] : []))
}

const KIND_HINT =
  'install kind: https://kind.sigs.k8s.io/docs/user/quick-start/#installation (go install sigs.k8s.io/kind@v0.27.0, brew install kind)'
const HELM_HINT =
  'install Helm 3 (https://helm.sh/docs/intro/install), or name a folder with the manifests of the operator (STATEFUN_OPERATOR_MANIFESTS)'

async function program(
  run: NonNullable<KindSurroundings['run']>,
  name: string,
  args: readonly string[],
  hint: string,
): Promise<void> {
  try {
    await run(name, args)
  } catch (cause) {
    throw new StatefunError('SF_GATE_NO_PROGRAM', `there is no "${name}" that runs`, { hint, cause })
  }
}

async function hasMemory(bytes: number): Promise<void> {
  if (bytes >= MEMORY_BYTES) return
  throw new StatefunError(
    'SF_GATE_MEMORY',
    `this machine has ${gib(bytes)} of memory, ${gib(MEMORY_BYTES)} are needed`,
    {
      hint: 'use another machine (Docker Desktop: Settings > Resources), or the topology "process"',
    },
  )
}

async function freeBytes(): Promise<number> {
  const { bavail, bsize } = await statfs(tmpdir())
  return bavail * bsize
}

async function hasDisk(bytes: number): Promise<void> {
  if (bytes >= DISK_BYTES) return
  throw new StatefunError(
    'SF_GATE_DISK_FULL',
    `there is room for ${gib(bytes)}, ${gib(DISK_BYTES)} are needed`,
    {
      where: tmpdir(),
      hint: 'delete something there, such as images nobody uses (docker image prune), or set TMPDIR',
    },
  )
}

function gib(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`
}
