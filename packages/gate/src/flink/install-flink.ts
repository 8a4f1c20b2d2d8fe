import { join } from 'node:path'
import { cacheDir } from '../fetch/cache-dir.ts'
import { type FetchArtifactsOptions, fetchArtifacts } from '../fetch/fetch-artifacts.ts'
import { sourceFiles } from '../python/source-files.ts'
import {
  FLINK_ARCHIVE,
  FLINK_ARCHIVE_FOLDER,
  FLINK_JARS,
  FLINK_VERSION,
  S3_PLUGIN,
  STATEFUN_JARS,
} from './artifacts.ts'
import { flinkJava } from './flink-java.ts'

/** Everything that a process of Flink is started from. */
export interface FlinkInstallation {
  /** Path of the Java that starts it. */
  readonly java: string
  /** Flink first, then Stateful Functions. */
  readonly classPath: readonly string[]
  /** Path of the jar of Flink's S3 plugin, where it was asked for. */
  readonly s3Plugin: string | undefined
}

/** Options of {@link installFlink}. */
export interface InstallFlinkOptions {
  /** Default: {@link cacheDir}. */
  readonly cacheDir?: string
  /** Where Stateful Functions comes from; default as {@link fetchArtifacts} says. */
  readonly repository?: FetchArtifactsOptions['repository']
  /** Default `python3`. */
  readonly python?: string
  /** Whether Flink's S3 plugin is needed too (96 MB); default false. */
  readonly s3?: boolean
}

/**
 * Apache Flink and Stateful Functions from the cache, fetched on first use (380 MB, 260 MB of which are kept): Stateful
 * Functions from a Maven repository, Flink and a Java 11 runtime with pip.
 *
 * @throws StatefunError `SF_GATE_FETCH_FAILED`, `SF_GATE_NO_MAVEN`, `SF_GATE_CHECKSUM`, `SF_GATE_NO_PYTHON`, `SF_GATE_PIP`,
 * `SF_GATE_ARCHIVE`, `SF_GATE_NO_JAVA`
 */
export async function installFlink(options: InstallFlinkOptions = {}): Promise<FlinkInstallation> {
  const cache = options.cacheDir ?? cacheDir()
  const python = options.python === undefined ? {} : { python: options.python }
  const place = join(cache, 'flink', FLINK_VERSION)
  const [java, fetched] = await Promise.all([
    flinkJava({ cache, ...python }),
    fetchArtifacts(options.s3 ? [...STATEFUN_JARS, S3_PLUGIN] : STATEFUN_JARS, {
      cacheDir: cache,
      ...(options.repository === undefined ? {} : { repository: options.repository }),
    }),
    sourceFiles({
      requirement: FLINK_ARCHIVE,
      members: FLINK_JARS.map((jar) => `${FLINK_ARCHIVE_FOLDER}/${jar}`),
      place,
      ...python,
    }),
  ])
  const statefun = fetched.slice(0, STATEFUN_JARS.length)
  return {
    java,
    classPath: [...FLINK_JARS.map((jar) => join(place, jar)), ...statefun],
    s3Plugin: fetched[STATEFUN_JARS.length],
  }
}
