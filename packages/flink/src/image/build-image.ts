import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import type { ContainerEngine } from '../container/container-engine.ts'
import { checkedPrefix, IMAGE_REGISTRY_PREFIX, prefixedImage } from '../container/image-reference.ts'
import { bundleEngine, bundleServer, type ServerBundle } from './bundle-server.ts'

/** The Dockerfile of a function image and what lies beside it. */
export const IMAGE_TEMPLATE = join(import.meta.dirname, '..', '..', 'templates', 'image')

/** The public image that Node and its libraries are taken from, unless another is named. */
export const NODE_IMAGE = 'node:24-bookworm-slim'

/** Options of {@link buildFunctionImage}. */
export interface BuildImageOptions {
  /** Absolute path of a module that exports `config`: `statefun.config.ts`. */
  readonly config: string
  /**
   * `functions`: their HTTP server. `engine`: the embedded engine with the app in it. `base`: what both stand on, Node and
   * its libraries alone. Default `functions`.
   */
  readonly of?: 'functions' | 'engine' | 'base'
  /** Files that are put beside the bundle: paths below the working directory, and where they lie now. */
  readonly files?: Readonly<Record<string, string>>
  /** Name and tag of the image. */
  readonly tag: string
  readonly engine: ContainerEngine
  /** Before the name of the base image; ends with `/`. */
  readonly prefix?: string
  /** Default {@link NODE_IMAGE}. */
  readonly nodeImage?: string
  /** Packs Node: less disk, slower starts, more memory (see docs/function-image.md). Default `none`. */
  readonly pack?: 'none' | 'upx'
  /** What it is doing: `bundling`, then the lines of the engine's build. */
  readonly onProgress?: (text: string) => void
  readonly signal?: AbortSignal
}

/** A built image. */
export interface FunctionImage {
  readonly tag: string
  /** `sha256:…`: of the same content, the same. */
  readonly id: string
  /** Bytes, uncompressed, as the engine counts them. */
  readonly size: number
  /** Bytes of the bundle of functions in it. */
  readonly bundleSize: number
}

/**
 * Builds the image of an app's function server, or of its engine, from the app's configuration (docs/function-image.md).
 *
 * @throws StatefunError `SF_IMAGE_BUNDLE`, `SF_IMAGE_PREFIX`, `SF_IMAGE_BUILD`
 */
export async function buildFunctionImage(options: BuildImageOptions): Promise<FunctionImage> {
  const { engine, tag, signal } = options
  checkedPrefix(options.prefix ?? '')
  const bundle = await bundleOf(options)
  const context = await mkdtemp(join(tmpdir(), 'statefun-image-'))
  try {
    await writeBuildContext(context, bundle, options.files)
    await build(context, options)
  } finally {
    await rm(context, { recursive: true, force: true })
  }
  const inspect = ['image', 'inspect', '--format', '{{.Id}} {{.Size}}', tag]
  const [id = '', size] = (await engine.run(inspect, signal === undefined ? {} : { signal }))
    .trim()
    .split(' ')
  return { tag, id, size: Number(size), bundleSize: Buffer.byteLength(bundle?.code ?? '') }
}

async function bundleOf({
  of = 'functions',
  config,
  onProgress,
}: BuildImageOptions): Promise<ServerBundle | undefined> {
  if (of === 'base') return undefined
  onProgress?.(`bundling the ${of}`)
  return await (of === 'engine' ? bundleEngine : bundleServer)(config)
}

/** Fills a folder with all that the engine needs for the build: the template and the bundle. */
export async function writeBuildContext(
  folder: string,
  bundle: ServerBundle | undefined,
  files: Readonly<Record<string, string>> = {},
): Promise<void> {
  const app = join(folder, 'app')
  await cp(IMAGE_TEMPLATE, folder, { recursive: true })
  await mkdir(app, { recursive: true })
  if (bundle !== undefined) await writeFile(join(app, 'server.mjs'), bundle.code)
  if (bundle?.map !== undefined) await writeFile(join(app, 'server.mjs.map'), bundle.map)
  for (const [path, source] of Object.entries(files)) await cp(source, join(app, path))
}

/** The arguments that the engine builds a context with. */
export function buildArguments(
  context: string,
  {
    tag,
    of = 'functions',
    prefix = '',
    nodeImage = NODE_IMAGE,
    pack = 'none',
  }: Omit<BuildImageOptions, 'config' | 'engine'>,
): readonly string[] {
  const args = { [IMAGE_REGISTRY_PREFIX]: prefix, NODE_IMAGE: nodeImage, PACK: pack }
  return [
    'build',
    ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    '--target',
    of,
    '--tag',
    tag,
    context,
  ]
}

async function build(context: string, options: BuildImageOptions): Promise<void> {
  const { engine, prefix = '', nodeImage = NODE_IMAGE, onProgress, signal } = options
  try {
    await engine.run(buildArguments(context, options), {
      ...(signal === undefined ? {} : { signal }),
      onLine: (line) => {
        const step = buildStep(line)
        if (step !== undefined) onProgress?.(step)
      },
    })
  } catch (cause) {
    signal?.throwIfAborted()
    const error = StatefunError.from(cause)
    const base = prefixedImage(prefix, nodeImage)
    const noBase =
      /pull access denied|manifest unknown|not found|no such host|failed to (resolve|do request)|connection refused|i\/o timeout|unauthorized/i
    const isBase = noBase.test(error.excerpt ?? '')
    throw new StatefunError('SF_IMAGE_BUILD', `the image ${options.tag} cannot be built`, {
      ...(error.excerpt === undefined ? {} : { excerpt: error.excerpt }),
      hint: isBase
        ? `its base ${base} cannot be pulled: check the network, "${engine.name} login", or name a registry that has it with ${IMAGE_REGISTRY_PREFIX} (now "${prefix}")`
        : `see what ${engine.name} says above`,
      cause,
    })
  }
}

/** A line of a build that says how far it is: of the classic builder, of BuildKit, of Podman. */
export function buildStep(line: string): string | undefined {
  return /^(?:Step \d+\/\d+ : .*|#\d+ \[.*|STEP \d+\/\d+: .*)/.exec(line)?.[0]
}
