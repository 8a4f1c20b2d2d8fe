import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { StatefunError } from '@statefun/protocol'
import { artifactPath, type MavenArtifact } from './artifact.ts'
import type { ArtifactRepository } from './fetch-artifacts.ts'

const AT_ONCE = 5
const ATTEMPTS = 3
const TIMEOUT_MS = 120_000

/**
 * A Maven repository at a URL, read over HTTP(S), five files at a time; a file that fails is tried three times.
 *
 * @param baseUrl with or without a `/` at its end
 */
export function httpRepository(baseUrl: string): ArtifactRepository {
  const base = baseUrl.replace(/\/+$/, '')
  return {
    async bring(artifacts, folder, arrived) {
      const waiting = artifacts.map((artifact, index) => ({ artifact, file: join(folder, `${index}.jar`) }))
      const worker = async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          await download(`${base}/${artifactPath(next.artifact.coordinate)}`, next.file, next.artifact)
          await arrived(next.artifact, next.file)
        }
      }
      const results = await Promise.allSettled(
        Array.from({ length: AT_ONCE }, () =>
          worker().catch((error: unknown) => {
            waiting.length = 0
            throw error
          }),
        ),
      )
      const failed = results.find((result) => result.status === 'rejected')
      if (failed !== undefined) throw failed.reason
    },
  }
}

async function download(url: string, file: string, artifact: MavenArtifact): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
      if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status} from ${url}`)
      await pipeline(Readable.fromWeb(response.body), createWriteStream(file))
      return
    } catch (cause) {
      if (attempt < ATTEMPTS) continue
      throw new StatefunError('SF_GATE_FETCH_FAILED', `${artifact.coordinate} cannot be fetched`, {
        where: url,
        hint: 'check the network and STATEFUN_MAVEN_REPOSITORY',
        cause,
      })
    }
  }
}
