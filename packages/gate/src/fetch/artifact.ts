import { createHash } from 'node:crypto'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StatefunError } from '@statefun/protocol'

/** A jar of a Maven repository, named and pinned. */
export interface MavenArtifact {
  /** `group:artifact:version`. */
  readonly coordinate: string
  /** SHA-256 of the jar in lower-case hex. */
  readonly sha256: string
}

/**
 * Path of an artifact's jar in a repository (and in our cache), with `/`.
 *
 * @example artifactPath('org.slf4j:slf4j-api:1.7.36') // 'org/slf4j/slf4j-api/1.7.36/slf4j-api-1.7.36.jar'
 */
export function artifactPath(coordinate: string): string {
  const [group = '', artifact = '', version = ''] = coordinate.split(':')
  return `${group.replaceAll('.', '/')}/${artifact}/${version}/${artifact}-${version}.jar`
}

/** Whether the file is there with the pinned content. */
export async function isIntact(path: string, artifact: MavenArtifact): Promise<boolean> {
  try {
    return sha256(await readFile(path)) === artifact.sha256
  } catch {
    return false
  }
}

/**
 * Puts a fetched file at its place in the cache, once its content is the pinned one. The rename is atomic, so that two
 * processes may do this at the same time: both bring the same bytes.
 *
 * @throws StatefunError `SF_GATE_CHECKSUM`
 */
export async function admit(fetched: string, place: string, artifact: MavenArtifact): Promise<void> {
  const found = sha256(await readFile(fetched))
  if (found !== artifact.sha256) {
    throw new StatefunError('SF_GATE_CHECKSUM', `${artifact.coordinate} is not the pinned file`, {
      where: fetched,
      excerpt: `expected sha-256 ${artifact.sha256}\nfound    sha-256 ${found}`,
      hint: 'look for a proxy or mirror that changes what it serves',
    })
  }
  await mkdir(dirname(place), { recursive: true })
  await rename(fetched, place)
}

/** Where the artifact lies in the cache. */
export function cachedPath(cache: string, artifact: MavenArtifact): string {
  return join(cache, 'maven', ...artifactPath(artifact.coordinate).split('/'))
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
