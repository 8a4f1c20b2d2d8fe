import { existsSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { npmPackages, npmPlace } from '../npm/npm-packages.ts'

/** The release that LocalStack 4.1 takes, with its one dependency. */
const PACKAGES = { 'kinesis-local': '0.4.8', punycode: '2.1.1' }

/** LocalStack starts its back end in a session of its own, so that it stays behind when LocalStack is killed. */
const END_WITH_PARENT = `
const parent = process.ppid
setInterval(() => process.ppid === parent || process.exit(1), 200).unref()
`

/**
 * The program that does the work of LocalStack's Kinesis; fetched with npm on first use.
 *
 * @throws StatefunError `SF_GATE_NO_NPM`, `SF_GATE_NPM`
 */
export function kinesisPackages(options: {
  readonly npm?: string
  readonly cache?: string
}): Promise<string> {
  return npmPackages(PACKAGES, options)
}

/** Whether npm has fetched that program before. */
export function hasKinesisPackages(cache: string): boolean {
  return existsSync(npmPlace(PACKAGES, cache))
}

/**
 * Puts that program where LocalStack looks for it, which then fetches nothing, and returns the environment that LocalStack
 * needs for it.
 *
 * @param folder of this LocalStack, whose `root` is its file system
 * @param packages see {@link kinesisPackages}
 */
export async function placeKinesis(
  folder: string,
  packages: string,
): Promise<Readonly<Record<string, string>>> {
  const place = join(folder, 'root', 'var', 'lib', 'localstack', 'lib', 'kinesis-local')
  const [bin, script] = [join(folder, 'bin'), join(folder, 'end-with-parent.cjs')]
  await Promise.all([place, bin].map((path) => mkdir(path, { recursive: true })))
  await Promise.all([
    symlink(packages, join(place, PACKAGES['kinesis-local'])),
    // LocalStack starts the first "node" that it finds: this one is there and new enough.
    symlink(process.execPath, join(bin, 'node')),
    writeFile(script, END_WITH_PARENT),
  ])
  return {
    PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
    NODE_OPTIONS: `--require ${JSON.stringify(script)}`,
    KINESIS_PERSISTENCE: '0',
    // Milliseconds until a stream is made, a shard is split and so on.
    KINESIS_LATENCY: '50',
    KINESIS_SHARD_LIMIT: '10000',
    KINESIS_MOCK_LOG_LEVEL: 'WARN',
  }
}
