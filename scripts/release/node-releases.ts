import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { runNpm } from '../run-tool.ts'

/** The release lines of Node that the packages are tried on: the oldest that is supported, the default, the newest. */
export const NODE_RELEASES = ['22', '24', '26']

/**
 * A Node of a release line, as npm's platform package carries it, kept in the cache.
 *
 * @returns path of the program
 * @throws Error when there is none for this platform
 */
export async function nodeOf(release: string): Promise<string> {
  const platform = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const cache = process.env.STATEFUN_CACHE ?? join(homedir() || tmpdir(), '.cache', 'statefun')
  const folder = join(cache, 'node', release)
  const program = join(folder, 'node_modules', platform, 'bin', 'node')
  if (existsSync(program)) return program
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${platform}@${release}`]
  const { code, output } = await runNpm(install, folder)
  if (code !== 0) throw new Error(`no Node ${release} for this platform (${platform})\n${output}`)
  return program
}
