import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import { admit, cachedPath, isIntact, type MavenArtifact } from './artifact.ts'
import { cacheDir } from './cache-dir.ts'
import { httpRepository } from './http-repository.ts'
import { mavenClient } from './maven-client.ts'

/** Something that brings jars: a repository's URL or the `mvn` program. */
export interface ArtifactRepository {
  /**
   * Brings every artifact as a file into `folder` (on the cache's file system), in any order, and says so as each arrives.
   *
   * @throws StatefunError `SF_GATE_FETCH_FAILED`, `SF_GATE_NO_MAVEN`, or what `arrived` threw
   */
  bring(
    artifacts: readonly MavenArtifact[],
    folder: string,
    arrived: (artifact: MavenArtifact, file: string) => Promise<void>,
  ): Promise<void>
}

/** Told after each artifact that had to be fetched. */
export interface FetchProgress {
  readonly coordinate: string
  readonly done: number
  readonly total: number
}

/** Options of {@link fetchArtifacts}. */
export interface FetchArtifactsOptions {
  /** Default: {@link cacheDir}. */
  readonly cacheDir?: string
  /** Default: `STATEFUN_MAVEN_REPOSITORY` when set, else Maven. */
  readonly repository?: ArtifactRepository
  readonly onProgress?: (progress: FetchProgress) => void
}

/**
 * Pinned jars from the cache, fetching what is missing or damaged there.
 *
 * They come from the repository whose URL `STATEFUN_MAVEN_REPOSITORY` names, else through `mvn`, which knows the
 * mirrors, proxies and credentials of this machine's `settings.xml`. Every file's SHA-256 is checked on every call
 * (40 MB take about 0.1 s).
 *
 * @returns paths in the order of the artifacts
 * @throws StatefunError `SF_GATE_FETCH_FAILED`, `SF_GATE_NO_MAVEN`, `SF_GATE_CHECKSUM`
 */
export async function fetchArtifacts(
  artifacts: readonly MavenArtifact[],
  options: FetchArtifactsOptions = {},
): Promise<string[]> {
  const cache = options.cacheDir ?? cacheDir()
  const intact = await Promise.all(
    artifacts.map((artifact) => isIntact(cachedPath(cache, artifact), artifact)),
  )
  const missing = artifacts.filter((_, index) => !intact[index])
  if (missing.length > 0) await bringMissing(missing, cache, options)
  return artifacts.map((artifact) => cachedPath(cache, artifact))
}

/** Whether all of them are in the cache; what is in the files is not looked at. */
export function areCached(artifacts: readonly MavenArtifact[], cache: string): boolean {
  return artifacts.every((artifact) => existsSync(cachedPath(cache, artifact)))
}

async function bringMissing(
  missing: readonly MavenArtifact[],
  cache: string,
  options: FetchArtifactsOptions,
): Promise<void> {
  const repository = options.repository ?? defaultRepository()
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'fetching-'))
  let done = 0
  try {
    await repository.bring(missing, folder, async (artifact, file) => {
      await admit(file, cachedPath(cache, artifact), artifact)
      done += 1
      options.onProgress?.({ coordinate: artifact.coordinate, done, total: missing.length })
    })
    if (done < missing.length) {
      throw new StatefunError('SF_GATE_FETCH_FAILED', `only ${done} of ${missing.length} artifacts arrived`)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function defaultRepository(): ArtifactRepository {
  const url = process.env.STATEFUN_MAVEN_REPOSITORY
  return url ? httpRepository(url) : mavenClient()
}
