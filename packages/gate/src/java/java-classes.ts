import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { basename, delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { StatefunError } from '@statefun/protocol'
import { cacheDir } from '../fetch/cache-dir.ts'
import { moveOnce } from '../fetch/move-once.ts'
import type { Java } from './java.ts'

const run = promisify(execFile)

/** What to compile. */
export interface JavaSources {
  /** Paths of the files. */
  readonly sources: readonly string[]
  /** Jars that they need. */
  readonly classPath: readonly string[]
}

/** A compiler that runs for two seconds gains nothing by the optimizing compiler of the virtual machine. */
const FLAGS = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData']

/**
 * A folder with the compiled classes; kept in the cache, as compiling takes some seconds.
 *
 * @throws StatefunError `SF_GATE_JAVAC` with what the compiler says
 */
export async function javaClasses(
  java: Java,
  { sources, classPath }: JavaSources,
  { cache = cacheDir() }: { readonly cache?: string } = {},
): Promise<string> {
  const hash = createHash('sha256').update(
    `${java.version}\0${classPath.map((jar) => basename(jar)).join('\0')}`,
  )
  for (const source of sources) hash.update(`\0${basename(source)}\0`).update(await readFile(source))
  const folder = join(cache, 'java-classes')
  const place = join(folder, hash.digest('hex').slice(0, 32))
  if (existsSync(place)) return place
  await mkdir(folder, { recursive: true })
  const classes = await mkdtemp(join(folder, 'new-'))
  try {
    const options = ['-cp', classPath.join(delimiter), '-d', classes]
    await run(java.command, [...FLAGS, '-m', 'jdk.compiler/com.sun.tools.javac.Main', ...options, ...sources])
    await moveOnce(classes, place)
  } catch (cause) {
    throw new StatefunError('SF_GATE_JAVAC', 'a Java program does not compile', {
      where: sources.at(-1) ?? '',
      excerpt: StatefunError.from(cause).message,
      hint: 'it needs a JDK: a Java runtime without the module jdk.compiler cannot compile',
      cause,
    })
  } finally {
    await rm(classes, { recursive: true, force: true })
  }
  return place
}
