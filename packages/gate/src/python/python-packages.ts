import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheDir } from '../fetch/cache-dir.ts'
import { moveOnce } from '../fetch/move-once.ts'
import { pip, pythonVersion, requirementsFile } from './pip.ts'

/** A Python package, pinned to a version, or better to its content. */
export interface PythonRequirement {
  /** `apache-flink-statefun==3.3.0` */
  readonly requirement: string
  /** SHA-256 of the file in lower-case hex; several where each system has a wheel of its own. Checked when all have one. */
  readonly sha256?: string | readonly string[]
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
  const key = createHash('sha256')
    .update(`${await pythonVersion(python)}\n${requirementsFile(requirements)}`)
    .digest('hex')
    .slice(0, 16)
  const place = join(cache, 'python', key)
  if (existsSync(place)) return place
  await mkdir(join(cache, 'python'), { recursive: true })
  const folder = await mkdtemp(join(cache, 'python', 'installing-'))
  try {
    const target = join(folder, 'packages')
    // Hashes alone do not keep pip from wheels or sources that it would have to build.
    await pip(python, ['install', '--only-binary=:all:', '--target', target], requirements, folder)
    await moveOnce(target, place)
    return place
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
