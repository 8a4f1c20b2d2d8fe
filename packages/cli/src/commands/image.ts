import { existsSync } from 'node:fs'
import { isAbsolute, relative } from 'node:path'
import {
  buildFunctionImage,
  CONTAINER_ENGINES,
  type ContainerEngineName,
  checkedPrefix,
  findContainerEngine,
  IMAGE_REGISTRY_PREFIX,
  NODE_IMAGE,
  prefixFromEnvironment,
} from '@statefun/flink'
import { StatefunError } from '@statefun/protocol'
import { Command, Option } from 'commander'
import type { Io, TextStream } from '../io.ts'
import { type LoadedConfig, loadConfig } from '../load-config.ts'
import { style } from '../output/style.ts'
import { configOption, examples } from './shared-options.ts'

interface BuildOptions {
  readonly config?: string
  readonly of: 'functions' | 'engine' | 'base'
  readonly tag?: string
  readonly prefix?: string
  readonly nodeImage: string
  readonly engine?: ContainerEngineName
  readonly pack: 'none' | 'upx'
}

/** `statefun image`: the functions of an app as a container image. */
export function imageCommand(io: Io): Command {
  return new Command('image')
    .summary('the functions as a container image')
    .description('The functions of an app as the image of an HTTP server, for Flink to call.')
    .addCommand(buildCommand(io))
}

function buildCommand(io: Io): Command {
  const command = new Command('build')
    .summary('bundle the functions and build their image')
    .description(
      'Bundles all functions of the app into one file and builds an image with it: Node, the libraries that Node needs,\n' +
        'the file, and no shell. It listens on port 8080, as nobody, on a read-only file system, and drains on SIGTERM.',
    )
    .addOption(configOption())
    .addOption(
      new Option(
        '--of <what>',
        'functions: their HTTP server, for Flink. engine: the whole app on the embedded engine. base: Node alone',
      )
        .choices(['functions', 'engine', 'base'])
        .default('functions'),
    )
    .option('-t, --tag <name:tag>', 'name of the image (default: <app>-functions:dev, <app>-engine:dev)')
    .option(
      '--prefix <prefix>',
      `registry before the name of the base image, ending with "/" (default: $${IMAGE_REGISTRY_PREFIX})`,
    )
    .option('--node-image <name:tag>', 'Debian image that Node is taken from', NODE_IMAGE)
    .addOption(
      new Option('--engine <name>', 'container engine (default: the first that answers)').choices(
        CONTAINER_ENGINES,
      ),
    )
    .addOption(
      new Option('--pack <way>', 'upx: 50 MB on disk in place of 115, but slower starts and more memory')
        .choices(['none', 'upx'])
        .default('none'),
    )
    .action((options: BuildOptions) => build(io, options))
  return examples(
    command,
    'statefun image build',
    'statefun image build --tag registry.example.com/shop/functions:1.4.0',
    'statefun image build --of engine --tag shop-engine:1.4.0',
    'statefun image build --prefix registry.example.com/proxy/ --engine podman',
  )
}

async function build(io: Io, options: BuildOptions): Promise<void> {
  const prefix = checkedPrefix(options.prefix ?? prefixFromEnvironment())
  const loaded = await loadConfig(io.cwd, options.config)
  if (options.of === 'functions') requireFunctions(loaded)
  const began = performance.now()
  const line = new StatusLine(io.stderr)
  try {
    const engine = await findContainerEngine(options.engine)
    const image = await buildFunctionImage({
      config: loaded.file,
      of: options.of,
      ...(options.of === 'engine' ? { files: wiring(loaded) } : {}),
      tag: options.tag ?? `${loaded.config.app.toLowerCase()}-${options.of}:dev`,
      engine,
      prefix,
      nodeImage: options.nodeImage,
      pack: options.pack,
      onProgress: (text) => line.show(text),
      signal: io.signal,
    })
    line.clear()
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    io.stdout.write(
      `${style(io.stdout, 'green', 'built')} ${image.tag} in ${seconds} s: ${megabytes(image.size)} MB, ${options.of} ${megabytes(image.bundleSize)} MB\n`,
    )
  } finally {
    line.clear()
  }
}

/** module.yaml, where the configuration in the image looks for it: relative to the working directory. */
function wiring({ folder, module }: LoadedConfig): Readonly<Record<string, string>> {
  const path = relative(folder, module)
  return existsSync(module) && !path.startsWith('..') && !isAbsolute(path) ? { [path]: module } : {}
}

function requireFunctions({ config, file }: LoadedConfig): void {
  if ((config.functions ?? []).length > 0) return
  throw new StatefunError('SF_IMAGE_NO_FUNCTIONS', 'the app has no functions to serve', {
    where: file,
    hint: 'list them in the configuration: functions: [counter]',
  })
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}

/** What is going on: one line on a terminal, a line each in a pipe. */
class StatusLine {
  readonly #stream: TextStream
  #shown = false

  constructor(stream: TextStream) {
    this.#stream = stream
  }

  show(text: string): void {
    if (this.#stream.isTTY !== true) {
      this.#stream.write(`${text}\n`)
      return
    }
    this.clear()
    this.#stream.write(style(this.#stream, 'dim', text.slice(0, (this.#stream.columns ?? 80) - 1)))
    this.#shown = true
  }

  clear(): void {
    if (this.#shown) this.#stream.write('\r\u001b[K')
    this.#shown = false
  }
}
