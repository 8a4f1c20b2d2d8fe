import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { StatefunError } from '@statefun/protocol'
import type { MavenArtifact } from './artifact.ts'
import type { ArtifactRepository } from './fetch-artifacts.ts'

const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin'
const PLUGIN_VERSION = '3.6.1'
const TIMEOUT_MS = 600_000

const run = promisify(execFile)

/**
 * Fetches with the `mvn` on PATH: one run for all artifacts, each named by itself so that Maven resolves nothing on its own.
 */
export function mavenClient(command = 'mvn'): ArtifactRepository {
  return {
    async bring(artifacts, folder, arrived) {
      const pom = join(folder, 'pom.xml')
      await writeFile(pom, copyPom(artifacts, folder))
      try {
        await run(command, ['-B', '-q', '-f', pom, `${PLUGIN}:${PLUGIN_VERSION}:copy`], {
          timeout: TIMEOUT_MS,
        })
      } catch (cause) {
        throw fetchError(command, cause)
      }
      for (const [index, artifact] of artifacts.entries())
        await arrived(artifact, join(folder, `${index}.jar`))
    },
  }
}

function copyPom(artifacts: readonly MavenArtifact[], folder: string): string {
  const items = artifacts.map(({ coordinate }, index) => {
    const [group, artifact, version] = coordinate.split(':')
    return `<artifactItem><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version><destFileName>${index}.jar</destFileName></artifactItem>`
  })
  const [pluginGroup, pluginArtifact] = PLUGIN.split(':')
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>statefun</groupId><artifactId>fetch</artifactId><version>1</version><packaging>pom</packaging>
<build><plugins><plugin>
<groupId>${pluginGroup}</groupId><artifactId>${pluginArtifact}</artifactId><version>${PLUGIN_VERSION}</version>
<configuration><outputDirectory>${escapeXml(folder)}</outputDirectory><artifactItems>
${items.join('\n')}
</artifactItems></configuration>
</plugin></plugins></build>
</project>
`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

function fetchError(command: string, cause: unknown): StatefunError {
  const details: { code?: unknown; stdout?: unknown } =
    typeof cause === 'object' && cause !== null ? cause : {}
  if (details.code === 'ENOENT') return noMaven(command, cause)
  return new StatefunError('SF_GATE_FETCH_FAILED', 'Maven could not fetch the Java archives', {
    ...(typeof details.stdout === 'string' && details.stdout !== ''
      ? { excerpt: details.stdout.trimEnd().split('\n').slice(0, 6).join('\n') }
      : {}),
    hint: 'check the network and the mirrors in ~/.m2/settings.xml, or set STATEFUN_MAVEN_REPOSITORY to a repository that is reached',
    cause,
  })
}

/**
 * Whether there is a Maven.
 *
 * @throws StatefunError `SF_GATE_NO_MAVEN`
 */
export async function checkMaven(command = 'mvn'): Promise<void> {
  try {
    await run(command, ['--version'])
  } catch (cause) {
    throw noMaven(command, cause)
  }
}

function noMaven(command: string, cause: unknown): StatefunError {
  return new StatefunError('SF_GATE_NO_MAVEN', `there is no Maven to fetch Java archives with (${command})`, {
    hint:
      'install it (Debian, Ubuntu: apt install maven; macOS: brew install maven), or set STATEFUN_MAVEN_REPOSITORY ' +
      'to the URL of a Maven repository to fetch from without it',
    cause,
  })
}
