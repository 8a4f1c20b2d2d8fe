import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { rolldown } from 'rolldown'

const run = promisify(execFile)

/** A way to put Node and an app into an image. */
export interface Way {
  readonly name: string
  /** Text of the Dockerfile, beside `app/`, `runtime.mjs` and what {@link Way.prepare} makes. */
  readonly dockerfile: (own: string) => string
  readonly prepare?: (context: string, code: string) => Promise<void>
}

/** Marks that a single executable's blob replaces (Node's documentation, single executable applications). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

const slim = `ARG IMAGE_REGISTRY_PREFIX=
ARG NODE_IMAGE
FROM \${IMAGE_REGISTRY_PREFIX}\${NODE_IMAGE}
COPY app /app
ENV PORT=8080
USER 65532:65532
ENTRYPOINT ["node", "/app/server.mjs"]
`

/** Our Dockerfile up to its last lines, with another program in place of Node and the bundle. */
function withProgram(own: string, lines: string): string {
  return `${own.slice(0, own.indexOf('ENTRYPOINT'))}${lines}`
}

/** Node is in the program: the layer below is to hold its libraries alone. */
function withoutNode(own: string): string {
  return own.replace('FROM scratch', 'RUN ["rm", "/runtime/usr/local/bin/node"]\n\nFROM scratch')
}

/**
 * The ways that are measured. A start-up snapshot is none of them: with `node:http` loaded Node 24 ends with
 * "CheckGlobalAndEternalHandles failed" when it is to write one.
 */
export const WAYS: readonly Way[] = [
  { name: 'slim base', dockerfile: () => slim },
  {
    name: 'node and its libraries',
    dockerfile: (own) => own,
    prepare: async (context) => {
      // Node as it is: nothing is cut off.
      await run('sed', [
        '-i',
        's/stripped(readFileSync(process.execPath))/readFileSync(process.execPath)/',
        join(context, 'runtime.mjs'),
      ])
    },
  },
  { name: 'stripped node (ours)', dockerfile: (own) => own },
  {
    name: 'single executable, code cache',
    dockerfile: (own) =>
      withProgram(withoutNode(own), 'COPY server /usr/local/bin/node\nENTRYPOINT ["/usr/local/bin/node"]\n'),
    prepare: async (context, code) => {
      const [main, blob, server] = ['main.cjs', 'sea.blob', 'server'].map((name) => join(context, name)) as [
        string,
        string,
        string,
      ]
      await writeFile(main, await commonJs(code))
      const config = join(context, 'sea.json')
      await writeFile(
        config,
        JSON.stringify({ main, output: blob, disableExperimentalSEAWarning: true, useCodeCache: true }),
      )
      await run(process.execPath, ['--experimental-sea-config', config])
      await copyFile(process.execPath, server)
      await chmod(server, 0o755)
      await run(
        'npm',
        [
          'exec',
          '--yes',
          '--',
          'postject@1.0.0-alpha.6',
          server,
          'NODE_SEA_BLOB',
          blob,
          '--sentinel-fuse',
          FUSE,
        ],
        { cwd: context },
      )
    },
  },
  { name: 'upx', dockerfile: (own) => own.replace('ARG PACK=none', 'ARG PACK=upx') },
  {
    name: 'upx --lzma',
    dockerfile: (own) =>
      own.replace('ARG PACK=none', 'ARG PACK=upx').replace('upx -qq -7', 'upx -qq -6 --lzma'),
  },
]

/** The bundle as CommonJS, which single executables take. */
async function commonJs(code: string): Promise<string> {
  const entry = '\0entry'
  const source = code.replace(/^await serve\((.*)\);$/m, (_, call: string) => `serve(${call});`)
  await using build = await rolldown({
    input: entry,
    platform: 'node',
    logLevel: 'silent',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? source : null),
      },
    ],
  })
  const { output } = await build.generate({ format: 'cjs', codeSplitting: false })
  return output[0].code
}

/** Fills a folder with the build context of a way. */
export async function writeContext(way: Way, folder: string, own: string, code: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'Dockerfile'), way.dockerfile(own))
  await way.prepare?.(folder, code)
}
