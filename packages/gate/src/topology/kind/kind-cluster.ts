import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ContainerEngine, runCommand } from '@statefun/flink'
import { StatefunError } from '@statefun/protocol'
import { cacheDir } from '../../fetch/cache-dir.ts'
import { freePorts } from '../../process/free-ports.ts'
import { clusterConfig, NODE_IMAGES, NODE_PORTS, writePatches } from './cluster-config.ts'
import { isLeftBehind, markCluster, unmarkCluster } from './cluster-mark.ts'
import type { KindOptions } from './kind-options.ts'
import { KubeClient } from './kubernetes/kube-client.ts'

/** A cluster that is up. */
export interface KindCluster extends AsyncDisposable {
  readonly name: string
  /** False for one that was there before. */
  readonly created: boolean
  readonly kube: KubeClient
  /** The port of this machine that leads to a port of the node. */
  hostPort(nodePort: number): number
}

/** How {@link openCluster} goes about it. */
export interface OpenClusterOptions {
  /** Existing folder for the cluster's configuration. */
  readonly folder: string
  readonly progress: (text: string) => void
  readonly signal: AbortSignal
}

/** Name of the container that is the node of a cluster. */
export function nodeName(cluster: string): string {
  return `${cluster}-control-plane`
}

/** The folder of this machine that the node of a cluster sees as {@link NODE_IMAGES}. */
export function imageFolder(cluster: string): string {
  return join(cacheDir(), 'kind-images', cluster)
}

/** Runs `kind` with an engine. */
export function kind(
  engine: ContainerEngine,
  args: readonly string[],
  options: { readonly onLine?: (line: string) => void; readonly signal?: AbortSignal } = {},
): Promise<string> {
  const env = engine.name === 'podman' ? { KIND_EXPERIMENTAL_PROVIDER: 'podman' } : {}
  return runCommand('kind', args, { ...options, env })
}

/** Whether there is a cluster of that name to be taken. One that a killed run left behind, perhaps half made, is deleted. */
export async function clusterExists(engine: ContainerEngine, name: string): Promise<boolean> {
  const exists = (await kind(engine, ['get', 'clusters'])).split('\n').includes(name)
  if (!exists || !isLeftBehind(name)) return exists
  await deleteCluster(engine, name)
  return false
}

async function deleteCluster(engine: ContainerEngine, name: string): Promise<void> {
  await kind(engine, ['delete', 'cluster', '--name', name])
  await rm(imageFolder(name), { recursive: true, force: true })
  unmarkCluster(name)
}

/**
 * Makes the cluster, or takes the one that is there. Disposing of it deletes one that was made here, and leaves any other.
 *
 * @throws StatefunError `SF_GATE_KIND_CREATE`, `SF_GATE_KIND_FOREIGN` for a cluster that the gate, or one of its version, did
 *   not make
 */
export async function openCluster(
  engine: ContainerEngine,
  options: KindOptions,
  { folder, progress, signal }: OpenClusterOptions,
): Promise<KindCluster> {
  const { cluster: name } = options
  const created = !(await clusterExists(engine, name))
  const remove = async () => {
    if (created) await deleteCluster(engine, name)
  }
  if (created) await create(engine, options, { folder, progress, signal })
  try {
    const ports = await hostPorts(engine, name)
    if (NODE_PORTS.some((port) => !ports.has(port))) throw foreign(name, 'is not one of the gate')
    if (!(await seesImages(engine, name))) throw foreign(name, 'was made by an older version of the gate')
    const kube = await KubeClient.of(await kind(engine, ['get', 'kubeconfig', '--name', name]))
    return {
      name,
      created,
      kube,
      hostPort: (nodePort) => ports.get(nodePort) ?? 0,
      async [Symbol.asyncDispose]() {
        kube.api.close()
        await remove()
      },
    }
  } catch (error) {
    // Nobody owns it yet.
    await remove()
    throw error
  }
}

/** Whether the node has the folder that archives of images are read from. */
async function seesImages(engine: ContainerEngine, name: string): Promise<boolean> {
  const format = '{{range .Mounts}}{{println .Destination}}{{end}}'
  return (await engine.run(['inspect', '--format', format, nodeName(name)])).split('\n').includes(NODE_IMAGES)
}

function foreign(name: string, why: string): StatefunError {
  return new StatefunError('SF_GATE_KIND_FOREIGN', `the cluster "${name}" ${why}`, {
    hint: `delete it (kind delete cluster --name ${name}), or name another (STATEFUN_KIND_CLUSTER)`,
  })
}

async function create(
  engine: ContainerEngine,
  { cluster: name, nodeImage }: KindOptions,
  { folder, progress, signal }: OpenClusterOptions,
): Promise<void> {
  // Where it stays: the node mounts it whenever it starts.
  const patches = join(cacheDir(), 'kind-patches')
  await writePatches(patches)
  const images = imageFolder(name)
  await mkdir(images, { recursive: true })
  const config = join(folder, 'kind.yaml')
  await writeFile(config, clusterConfig(await freePorts(NODE_PORTS.length), { patches, images }))
  const image = nodeImage === undefined ? [] : ['--image', nodeImage]
  markCluster(name)
  try {
    await kind(engine, ['create', 'cluster', '--name', name, '--config', config, ...image], {
      onLine: (line) => {
        const step = /^ [•✓] (.*?) *(?:[^\w .].*)?$/.exec(line)?.[1]
        if (step !== undefined) progress(step)
      },
      signal,
    })
  } catch (cause) {
    // What is half made would be taken for a cluster by the next run.
    await deleteCluster(engine, name)
    signal.throwIfAborted()
    const { excerpt } = StatefunError.from(cause)
    throw new StatefunError('SF_GATE_KIND_CREATE', `the cluster "${name}" cannot be made`, {
      ...(excerpt === undefined ? {} : { excerpt }),
      hint:
        nodeImage === undefined
          ? 'see what kind says above; another image for the node can be named (KIND_NODE_IMAGE)'
          : `see what kind says above; its node is made of ${nodeImage} (KIND_NODE_IMAGE)`,
      cause,
    })
  }
}

/** `30094/tcp -> 127.0.0.1:23456` */
async function hostPorts(engine: ContainerEngine, name: string): Promise<ReadonlyMap<number, number>> {
  const text = await engine.run(['port', nodeName(name)])
  return new Map(
    [...text.matchAll(/^(\d+)\/tcp -> 127\.0\.0\.1:(\d+)$/gm)].map(([, node, host]) => [
      Number(node),
      Number(host),
    ]),
  )
}
