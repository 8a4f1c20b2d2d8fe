import { StatefunError } from '@statefun/protocol'

/** What {@link bundleServer} makes. */
export interface ServerBundle {
  /** ESM that serves the functions; its last line names the source map. */
  readonly code: string
  readonly map: string
}

/** The app's part of the `statefun` command, of which a function server needs nothing. */
const CLI = '@statefun/cli'
const SDK = '@statefun/sdk'
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
  // Loaded here: it is a native library, and only those who build images need it.
  const { rolldown } = await import('rolldown')
  try {
    await using build = await rolldown({
      input: { server: ENTRY },
      platform: 'node',
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
            // The entry lies nowhere: what it imports is found from where the app lies, as the app finds it.
            return source === SDK ? await this.resolve(SDK, config, { skipSelf: true }) : null
          },
          load: (id) => (id === ENTRY ? entryOf(config) : id === CLI_STUB ? CLI_STUB_CODE : null),
        },
      ],
    })
    const { output } = await build.generate({
      format: 'esm',
      sourcemap: true,
      entryFileNames: 'server.mjs',
      codeSplitting: false,
    })
    const [chunk] = output
    return { code: chunk.code, map: chunk.map?.toString() ?? '' }
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

function entryOf(config: string): string {
  return `import { serve } from ${JSON.stringify(SDK)}
import { config } from ${JSON.stringify(config)}
await serve(config.functions ?? [], { port: Number(process.env.PORT ?? 8080) })
`
}
