import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { StatefunError } from '@statefun/protocol'

/** Runs whose folders are kept when no folder is named. */
const KEPT_RUNS = 5

/** Where the gate keeps what outlives a run of an app. */
export function gateFolder(appFolder: string): string {
  return join(appFolder, '.statefun', 'e2e')
}

/**
 * Makes the folder of a run: evidence, logs, report. Unless one is named, those of older runs go.
 *
 * @throws StatefunError `SF_GATE_FOLDER` when it cannot be made: no space left, no permission
 */
export function makeRunFolder(appFolder: string, named: string | undefined, topology: string): string {
  const runs = join(gateFolder(appFolder), 'runs')
  const stamp = new Date().toISOString().slice(0, 23).replace(/[:.]/g, '-')
  let folder = named ?? join(runs, `${stamp}-${topology}`)
  try {
    if (named === undefined) folder = makeUnique(folder)
    mkdirSync(join(folder, 'logs'), { recursive: true })
    if (named === undefined) {
      const older = readdirSync(runs).sort().slice(0, -KEPT_RUNS)
      for (const name of older) rmSync(join(runs, name), { recursive: true, force: true })
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new StatefunError('SF_GATE_FOLDER', `the folder of the run cannot be made: ${messageOf(cause)}`, {
      where: folder,
      hint: code === 'ENOSPC' ? 'make room on that disk' : 'name another one with --report',
      cause,
    })
  }
  return folder
}

/** Makes a folder of its own, also for runs that begin in the same millisecond. */
function makeUnique(name: string): string {
  mkdirSync(dirname(name), { recursive: true })
  for (let count = 1; ; count++) {
    const folder = count === 1 ? name : `${name}-${count}`
    try {
      mkdirSync(folder)
      return folder
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
