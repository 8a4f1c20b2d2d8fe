import { mkdir, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ContainerEngine, IMAGE_REGISTRY_PREFIX } from '@statefun/flink'
import { StatefunError } from '@statefun/protocol'
import { NODE_IMAGES } from './cluster-config.ts'
import { nodeName } from './kind-cluster.ts'

/** How work on images is watched and ended. */
export interface ImageWork {
  readonly progress: (text: string) => void
  readonly signal: AbortSignal
}

/**
 * Pulls the images that the engine does not hold; those it holds are used as they are.
 *
 * @param prefix for messages: the images have it already
 * @throws StatefunError `SF_IMAGE_PULL` with image, prefix and remedy
 */
export async function ensureImages(
  engine: ContainerEngine,
  images: readonly string[],
  prefix: string,
  { progress, signal }: ImageWork,
): Promise<void> {
  const held = await Promise.all(images.map((image) => imageId(engine, image)))
  const missing = images.filter((_, index) => held[index] === undefined)
  let pulled = 0
  await Promise.all(
    missing.map(async (image) => {
      const say = (text: string) =>
        progress(`pulled ${pulled} of ${missing.length} images; ${image}: ${text}`)
      try {
        say('pulling')
        await engine.run(['pull', image], { signal, onLine: say })
        pulled += 1
        say('done')
      } catch (cause) {
        signal.throwIfAborted()
        throw pullFailure(engine, image, prefix, StatefunError.from(cause))
      }
    }),
  )
}

function pullFailure(
  engine: ContainerEngine,
  image: string,
  prefix: string,
  cause: StatefunError,
): StatefunError {
  const { excerpt } = cause
  const without = prefix === '' ? `no ${IMAGE_REGISTRY_PREFIX}` : `${IMAGE_REGISTRY_PREFIX}=${prefix}`
  return new StatefunError('SF_IMAGE_PULL', `the image ${image} cannot be pulled (${without})`, {
    ...(excerpt === undefined ? {} : { excerpt }),
    hint:
      `check the network and "${engine.name} login"; name a registry that has it with ${IMAGE_REGISTRY_PREFIX}=registry.example.com/proxy/, ` +
      `or build or load it here under that name: a local image is used`,
    cause,
  })
}

/** Digest of an image's configuration, by which its content is told; undefined when the engine does not hold it. */
export async function imageId(engine: ContainerEngine, image: string): Promise<string | undefined> {
  try {
    return (await engine.run(['image', 'inspect', '--format', '{{.Id}}', image])).trim()
  } catch {
    // It says only that there is none, in the words of each engine.
    return undefined
  }
}

/** Images in one file, on their way to a node. */
export interface ImageArchive {
  /** Those in it; the node held the others. */
  readonly images: readonly string[]
  /** Path of the file, in the folder that the node sees as {@link NODE_IMAGES}. */
  readonly path: string
}

/**
 * Saves the images that the node of a cluster does not hold yet into one archive, so that layers they share are in it once.
 *
 * @param cluster one that is up; undefined for one that will be new
 * @param path of the file to write
 */
export async function archiveImages(
  engine: ContainerEngine,
  cluster: string | undefined,
  images: readonly string[],
  path: string,
  { progress, signal }: ImageWork,
): Promise<ImageArchive> {
  const onNode = cluster === undefined ? [] : await imagesOfNode(engine, cluster)
  const ids = await Promise.all(images.map((image) => imageId(engine, image)))
  const missing = images.filter((image, index) => !onNode.some((held) => isThat(held, image, ids[index])))
  if (missing.length > 0) {
    progress(`saving ${missing.length} of ${images.length} images`)
    await mkdir(dirname(path), { recursive: true })
    await engine.run(['save', '--output', path, ...missing], { signal })
  }
  return { images: missing, path }
}

const POLL_MS = 250

/**
 * Brings an archive into the node of a cluster, and deletes it. The node need not have Kubernetes yet, its containerd is enough:
 * so it is done while the cluster boots.
 *
 * @param booted settles when the cluster is there, or cannot be made
 */
export async function loadArchive(
  engine: ContainerEngine,
  cluster: string,
  { images, path }: ImageArchive,
  booted: Promise<unknown>,
  { progress, signal }: ImageWork,
): Promise<void> {
  if (images.length === 0) return
  const waited = new AbortController()
  const answers = untilContainerdAnswers(engine, cluster, AbortSignal.any([signal, waited.signal]))
  try {
    await Promise.race([booted, answers])
    const { size } = await stat(path)
    progress(`${images.length} images, ${Math.round(size / 1e6)} MB`)
    await engine.run(['exec', nodeName(cluster), 'sh', '-c', importScript(basename(path))], { signal })
  } catch (error) {
    // A node that is gone says nothing of why.
    await booted
    throw error
  } finally {
    waited.abort()
    await Promise.allSettled([answers, rm(path, { force: true })])
  }
}

/** Read where it lies: through a pipe into the container it takes twice the time. Layers are unpacked as Kubernetes will ask for them. */
function importScript(file: string): string {
  return [
    `snapshotter=$(containerd config dump | sed -n 's/^ *snapshotter = .\\(..*\\).$/\\1/p' | head -n 1)`,
    `ctr --namespace k8s.io images import --snapshotter "\${snapshotter:-overlayfs}" ${NODE_IMAGES}/${file}`,
  ].join('\n')
}

async function untilContainerdAnswers(
  engine: ContainerEngine,
  cluster: string,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await engine.run(['exec', nodeName(cluster), 'ctr', 'version'], { signal })
      return
    } catch {
      // There is no container yet, or nothing in it.
      await sleep(POLL_MS, undefined, { signal })
    }
  }
}

interface NodeImage {
  readonly id: string
  readonly repoTags?: readonly string[]
}

async function imagesOfNode(engine: ContainerEngine, cluster: string): Promise<readonly NodeImage[]> {
  const json = await engine.run(['exec', nodeName(cluster), 'crictl', 'images', '--output', 'json'])
  return (JSON.parse(json) as { readonly images: readonly NodeImage[] }).images
}

/**
 * Whether the node holds this content under this name. One image may come again in place of another one, as a function image
 * does that was changed and changed back: then its content is there, and its name is still that of the other one.
 */
function isThat({ id, repoTags = [] }: NodeImage, image: string, wanted: string | undefined): boolean {
  if (id.replace(/^sha256:/, '') !== wanted?.replace(/^sha256:/, '')) return false
  // The node writes names out: `docker.io/library/a:1`.
  return repoTags.some((tag) => tag === image || tag.endsWith(`/${image}`))
}
