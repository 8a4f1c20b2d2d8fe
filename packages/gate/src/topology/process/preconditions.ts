import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { StatefunError } from '@statefun/protocol'
import { cacheDir } from '../../fetch/cache-dir.ts'
import { areCached } from '../../fetch/fetch-artifacts.ts'
import { checkMaven } from '../../fetch/maven-client.ts'
import { S3_PLUGIN, STATEFUN_JARS } from '../../flink/artifacts.ts'
import { namedFlinkJava } from '../../flink/flink-java.ts'
import { findJava } from '../../java/java.ts'
import { KAFKA_JARS } from '../../kafka/jars.ts'
import { checkPython } from '../../localstack/check-python.ts'
import { hasKinesisPackages } from '../../localstack/kinesis-back-end.ts'
import { npmVersion } from '../../npm/npm-packages.ts'
import { freePorts } from '../../process/free-ports.ts'
import type { StartRequest } from '../topology.ts'

/** What the parts write in a run of the usual length, and some room. */
const ROOM_BYTES = 1.5 * 1024 ** 3
/** Of all parts on both engines, about. */
const PORTS = 20

/** Where to look for what {@link preconditions} are about; this machine when left out. */
export interface Surroundings {
  readonly env?: NodeJS.ProcessEnv
  readonly python?: string
  readonly npm?: string
  readonly maven?: string
  /** Folder of what was fetched before. */
  readonly cache?: string
  /** Folder whose file system must have room; default the system's for temporary files. */
  readonly temporary?: string
  /** Default 1.5 GiB. */
  readonly roomBytes?: number
}

/**
 * What this machine lacks for an app on real parts: programs, ports, disk. Each has a hint how to get it.
 */
export async function preconditions(
  { kinesis, engines }: Pick<StartRequest, 'kinesis' | 'engines'>,
  surroundings: Surroundings = {},
): Promise<readonly StatefunError[]> {
  const { env = process.env, python = 'python3', npm, maven, temporary = tmpdir() } = surroundings
  const cache = surroundings.cache ?? cacheDir(env)
  const flink = engines.includes('flink')
  const jars = [...KAFKA_JARS, ...(flink ? [...STATEFUN_JARS, S3_PLUGIN] : [])]
  const checks = [
    findJava({ env }),
    checkPython(python),
    ...(kinesis && !hasKinesisPackages(cache) ? [npmVersion(npm)] : []),
    ...(flink ? [namedFlinkJava({ env })] : []),
    ...(env.STATEFUN_MAVEN_REPOSITORY || areCached(jars, cache) ? [] : [checkMaven(maven)]),
    freePorts(PORTS),
    hasRoom(temporary, surroundings.roomBytes ?? ROOM_BYTES),
  ]
  const settled = await Promise.allSettled(checks)
  return settled.flatMap((check) => (check.status === 'rejected' ? [StatefunError.from(check.reason)] : []))
}

async function hasRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const [free, needed] = [bavail * bsize, bytes].map((value) => `${(value / 1024 ** 3).toFixed(1)} GiB`)
  if (bavail * bsize >= bytes) return
  throw new StatefunError('SF_GATE_DISK_FULL', `${folder} has room for ${free}, ${needed} are needed`, {
    hint: 'delete something there, or set TMPDIR to a folder on another disk',
  })
}
