import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { StatefunError } from '@statefun/protocol'
import { cacheDir } from '../fetch/cache-dir.ts'
import { moveOnce } from '../fetch/move-once.ts'

const run = promisify(execFile)
const TIMEOUT_MS = 600_000

/**
 * A folder with `node_modules` of exactly these packages: installed once with npm into the cache, without running their
 * scripts, nothing else on the machine is touched. Two processes may do this at the same time.
 *
 * @param packages versions by name: `{ 'kinesis-local': '0.4.8' }`
 * @param npm default `npm`
 * @throws StatefunError `SF_GATE_NO_NPM`, `SF_GATE_NPM`
 */
export async function npmPackages(
  packages: Readonly<Record<string, string>>,
  { npm = 'npm', cache = cacheDir() }: { readonly npm?: string; readonly cache?: string } = {},
): Promise<string> {
  const manifest = manifestOf(packages)
  const place = npmPlace(packages, cache)
  if (existsSync(place)) return place
  await mkdir(join(cache, 'npm'), { recursive: true })
  const folder = await mkdtemp(join(cache, 'npm', 'installing-'))
  try {
    await writeFile(join(folder, 'package.json'), manifest)
    await install(npm, folder)
    await moveOnce(folder, place)
    return place
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The folder that {@link npmPackages} makes, whether it is there or not. */
export function npmPlace(packages: Readonly<Record<string, string>>, cache = cacheDir()): string {
  const key = createHash('sha256').update(manifestOf(packages)).digest('hex').slice(0, 16)
  return join(cache, 'npm', key)
}

/**
 * What `npm --version` says.
 *
 * @throws StatefunError `SF_GATE_NO_NPM`
 */
export async function npmVersion(npm = 'npm'): Promise<string> {
  try {
    return (await run(npm, ['--version'])).stdout.trim()
  } catch (cause) {
    throw noNpm(npm, cause)
  }
}

function manifestOf(packages: Readonly<Record<string, string>>): string {
  return JSON.stringify({ private: true, dependencies: packages })
}

async function install(npm: string, folder: string): Promise<void> {
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel', 'error']
  try {
    await run(npm, ['install', '--prefix', folder, ...options], { cwd: folder, timeout: TIMEOUT_MS })
  } catch (cause) {
    const { code, stderr }: { code?: unknown; stderr?: unknown } =
      typeof cause === 'object' && cause !== null ? cause : {}
    if (code === 'ENOENT') throw noNpm(npm, cause)
    throw new StatefunError('SF_GATE_NPM', 'npm could not install packages', {
      ...(typeof stderr === 'string' && stderr !== '' ? { excerpt: stderr.trimEnd() } : {}),
      hint: 'check the network and the registry that npm uses: npm config get registry',
      cause,
    })
  }
}

function noNpm(npm: string, cause: unknown): StatefunError {
  return new StatefunError('SF_GATE_NO_NPM', `there is no npm (${npm})`, {
    hint: 'install Node.js with npm (Debian, Ubuntu: apt install npm; macOS: brew install node; or nodejs.org)',
    cause,
  })
}
