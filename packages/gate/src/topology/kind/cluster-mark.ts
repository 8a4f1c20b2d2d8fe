import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cacheDir } from '../../fetch/cache-dir.ts'
import { isAlive } from '../../process/is-alive.ts'

/** Remembers on this machine that a process of the gate holds a cluster that it makes, and will delete it. */
export function markCluster(name: string, pid = process.pid): void {
  const path = pathOf(name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, String(pid))
}

/** The cluster is gone. */
export function unmarkCluster(name: string): void {
  rmSync(pathOf(name), { force: true })
}

/** Whether a process that made the cluster has ended without deleting it: it was killed, perhaps while it made it. */
export function isLeftBehind(name: string): boolean {
  try {
    return !isAlive(Number(readFileSync(pathOf(name), 'utf8')))
  } catch {
    // No process of the gate made it.
    return false
  }
}

function pathOf(name: string): string {
  return join(cacheDir(), 'kind-clusters', name)
}
