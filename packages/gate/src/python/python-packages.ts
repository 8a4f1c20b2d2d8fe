import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { StatefunError } from '@statefun/protocol'
import { cacheDir } from '../fetch/cache-dir.ts'

const run = promisify(execFile)
const TIMEOUT_MS = 300_000

/** A Python package, named and pinned to the content of its wheel. */
export interface PythonRequirement {
  /** `apache-flink-statefun==3.3.0` */
  readonly requirement: string
  /** SHA-256 of a wheel in lower-case hex. */
  readonly sha256: string
}

/**
 * A folder with exactly these packages, for `PYTHONPATH`: installed once with pip into the cache, nothing else on the
 * machine is touched. Two processes may do this at the same time.
 *
 * @param python default `python3`
 * @throws StatefunError `SF_GATE_NO_PYTHON`, `SF_GATE_PIP`
 */
export async function pythonPackages(
  requirements: readonly PythonRequirement[],
  { python = 'python3', cache = cacheDir() }: { readonly python?: string; readonly cache?: string } = {},
): Promise<string> {
  const lines = requirements
    .map(({ requirement, sha256 }) => `${requirement} --hash=sha256:${sha256}\n`)
    .join('')
  const key = createHash('sha256')
    .update(`${await versionOf(python)}\n${lines}`)
    .digest('hex')
    .slice(0, 16)
  const place = join(cache, 'python', key)
  if (existsSync(place)) return place
  await mkdir(join(cache, 'python'), { recursive: true })
  const folder = await mkdtemp(join(cache, 'python', 'installing-'))
  try {
    const file = join(folder, 'requirements.txt')
    const target = join(folder, 'packages')
    await writeFile(file, lines)
    await run(
      python,
      // Hashes alone do not keep pip from wheels or sources that it would have to build.
      [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--no-deps',
        '--only-binary=:all:',
        '--require-hashes',
        '--target',
        target,
        '-r',
        file,
      ],
      { timeout: TIMEOUT_MS },
    )
    await moveOnce(target, place)
    return place
  } catch (cause) {
    const { stderr }: { stderr?: unknown } = typeof cause === 'object' && cause !== null ? cause : {}
    throw new StatefunError('SF_GATE_PIP', 'pip could not install Python packages', {
      ...(typeof stderr === 'string' && stderr !== '' ? { excerpt: stderr.trimEnd() } : {}),
      hint: 'check the network, and that pip is there: python3 -m pip --version (Debian, Ubuntu: apt install python3-pip)',
      cause,
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function versionOf(python: string): Promise<string> {
  try {
    return (await run(python, ['--version'])).stdout.trim()
  } catch (cause) {
    throw new StatefunError('SF_GATE_NO_PYTHON', `there is no Python (${python})`, {
      hint: 'install Python 3.8 or newer with pip (Debian, Ubuntu: apt install python3 python3-pip; macOS: brew install python)',
      cause,
    })
  }
}

async function moveOnce(from: string, place: string): Promise<void> {
  try {
    await rename(from, place)
  } catch (error) {
    // Another process was faster: a folder cannot be replaced by a rename, and it has the same content.
    if (!existsSync(place)) throw error
  }
}
