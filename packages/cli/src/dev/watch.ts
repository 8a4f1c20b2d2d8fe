import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { join, relative } from 'node:path'

/** Time in which several changes count as one: editors write a file in steps. */
const SETTLE_MS = 120
const IGNORED = new Set(['node_modules', '.git', '.statefun', 'dist', 'coverage'])
const WATCHED = /\.(?:[cm]?[jt]s|json|ya?ml)$/

/**
 * Calls back when source or module files below a folder change, once for changes that come together.
 *
 * Each folder is watched by itself, because a recursive watch would also take every folder of `node_modules`.
 *
 * @param changed gets the paths, relative to the folder
 * @returns a function that ends it
 */
export function watchFolder(folder: string, changed: (paths: readonly string[]) => void): () => void {
  const watchers = new Map<string, FSWatcher>()
  const pending = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  const report = (path: string) => {
    pending.add(relative(folder, path))
    clearTimeout(timer)
    timer = setTimeout(() => {
      const paths = [...pending].sort()
      pending.clear()
      changed(paths)
    }, SETTLE_MS)
  }
  const forget = (path: string) => {
    watchers.get(path)?.close()
    watchers.delete(path)
  }
  const seen = (path: string, name: string) => {
    if (IGNORED.has(name)) return
    if (isFolder(path)) add(path, true)
    else if (WATCHED.test(name)) report(path)
    else forget(path)
  }
  const add = (path: string, reportFiles: boolean) => {
    if (watchers.has(path)) return
    const watcher = watch(path, (_, name) => {
      if (name !== null) seen(join(path, name), name)
    })
    // A folder that disappears while it is watched is no reason to end.
    watcher.on('error', () => forget(path))
    watchers.set(path, watcher)
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const inner = join(path, entry.name)
      if (IGNORED.has(entry.name)) continue
      if (entry.isDirectory()) add(inner, reportFiles)
      else if (reportFiles && WATCHED.test(entry.name)) report(inner)
    }
  }

  add(folder, false)
  return () => {
    clearTimeout(timer)
    for (const path of [...watchers.keys()]) forget(path)
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
