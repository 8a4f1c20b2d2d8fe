import { StatefunError } from '@statefun/protocol'

/** What {@link bundleServer} makes. */
export interface ServerBundle {
  /** ESM that serves the functions, or runs the engine; its last line names the source map, if there is one. */
  readonly code: string
  /** Undefined for an engine: it would weigh as much as the rest, and names are kept. */
  readonly map: string | undefined
}

/** The app's part of the `statefun` command, of which a function server needs nothing. */
const CLI = '@statefun/cli'
const SDK = '@statefun/sdk'
const ENGINE = '@statefun/cli/engine'
const ENTRY = '\0statefun-server'
const CLI_STUB = '\0statefun-cli'

/**
 * Bundles a server of all functions of an app, with what they import, into one file for Node.
 *
 * It listens on `PORT` (8080), answers GET as a health probe and drains on SIGTERM (see `serve` of the SDK).
 *
 * @param config absolute path of a module that exports `config` with `functions`
 * @throws StatefunError `SF_IMAGE_BUNDLE`
 */
export async function bundleServer(config: string): Promise<ServerBundle> {
  return await bundle(config, SERVER)
}

/**
 * Bundles the embedded engine with an app, connectors included, into one file for Node that runs as `statefun run` does and
 * takes its arguments.
 *
 * @param config absolute path of a module that exports `config`
 * @throws StatefunError `SF_IMAGE_BUNDLE`
 */
export async function bundleEngine(config: string): Promise<ServerBundle> {
  return await bundle(config, ENGINE_SERVER)
}

interface Form {
  readonly entry: (config: string) => string
  /** Packages that the entry imports: found from where the app lies, as the app finds them. */
  readonly imports: readonly string[]
  readonly sourceMap: boolean
}

async function bundle(config: string, { entry, imports, sourceMap }: Form): Promise<ServerBundle> {
  // Loaded here: it is a native library, and only those who build images need it.
  const { rolldown } = await import('rolldown')
  try {
    await using build = await rolldown({
      input: { server: ENTRY },
      platform: 'node',
      // Its other form reads a file beside it, which a bundle does not have.
      resolve: { alias: { '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled' } },
      // Its clients, which nothing uses, make validators when they are loaded: 0.2 s and 20 MB of each start.
      treeshake: { moduleSideEffects: [{ test: /@platformatic[/\\]kafka[/\\]/, sideEffects: false }] },
      // What cannot be found would be left for the start, in an image without packages.
      onLog(_, log) {
        if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message)
      },
      plugins: [
        {
          name: 'statefun-server',
          async resolveId(source) {
            if (source === ENTRY) return ENTRY
            if (source === CLI) return CLI_STUB
            // The entry lies nowhere.
            return imports.includes(source) ? await this.resolve(source, config, { skipSelf: true }) : null
          },
          load: (id) => (id === ENTRY ? entry(config) : id === CLI_STUB ? CLI_STUB_CODE : null),
        },
      ],
    })
    const { output } = await build.generate({
      format: 'esm',
      sourcemap: sourceMap,
      minify: sourceMap ? false : { mangle: false, compress: false, codegen: { removeWhitespace: true } },
      entryFileNames: 'server.mjs',
      codeSplitting: false,
    })
    const [chunk] = output
    return { code: chunk.code, map: chunk.map?.toString() }
  } catch (cause) {
    const { message } = StatefunError.from(cause)
    throw new StatefunError('SF_IMAGE_BUNDLE', 'the functions cannot be bundled into one file', {
      where: config,
      excerpt: message,
      hint: 'mend what the bundler names; packages that the functions import have to be installed (npm install)',
      cause,
    })
  }
}

const CLI_STUB_CODE = 'export const defineConfig = (config) => config'

const SERVER: Form = {
  imports: [SDK],
  sourceMap: true,
  entry: (config) => `import { serve } from ${JSON.stringify(SDK)}
import { config } from ${JSON.stringify(config)}
await serve(config.functions ?? [], { port: Number(process.env.PORT ?? 8080) })
`,
}

const ENGINE_SERVER: Form = {
  imports: [ENGINE],
  sourceMap: false,
  entry: (config) => `import { runBundled } from ${JSON.stringify(ENGINE)}
import { config } from ${JSON.stringify(config)}
await runBundled(config)
`,
}
