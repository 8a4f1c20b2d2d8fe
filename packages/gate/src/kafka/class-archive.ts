import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Java } from '../java/java.ts'
import { KAFKA_VERSION } from './jars.ts'

/** Flags for one start of the JVM, and what to do once it has ended in order. */
export interface ClassArchive {
  readonly flags: readonly string[]
  /** Whether this start's orderly end also writes the archive, which takes some seconds more. */
  readonly writing: boolean
  /** Puts a freshly written archive at its place. */
  keep(): void
}

/**
 * The JVM's archive of loaded classes (AppCDS), which halves the broker's start-up. The first broker that is stopped in order
 * writes it, all later ones use it; a JVM that does not match ignores it.
 */
export function classArchive(cache: string, java: Java, scratchDir: string): ClassArchive {
  const place = join(cache, 'kafka', `${KAFKA_VERSION}-java-${java.version}.jsa`)
  if (existsSync(place)) return { flags: [`-XX:SharedArchiveFile=${place}`], writing: false, keep() {} }
  const fresh = join(scratchDir, 'classes.jsa')
  return {
    flags: [`-XX:ArchiveClassesAtExit=${fresh}`],
    writing: true,
    keep() {
      if (existsSync(fresh)) moveIn(fresh, place)
    },
  }
}

/** By a copy beside the place, as the two folders may lie on different file systems. */
function moveIn(fresh: string, place: string): void {
  const beside = `${place}.${process.pid}`
  mkdirSync(dirname(place), { recursive: true })
  try {
    copyFileSync(fresh, beside)
    renameSync(beside, place)
  } finally {
    rmSync(beside, { force: true })
    rmSync(fresh, { force: true })
  }
}
