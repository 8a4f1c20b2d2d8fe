import { join } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import type { FileSystem } from './file-system.ts'

/*
  folder => lock log-<first epoch>.sflog* base-<epoch>.sfbase*
    log-N   header frame, then the epochs from N on, one frame each; the next log begins where it ends
    base-N  header frame, base chunks, base end; together with the logs from N on it is the whole state
*/
const FILE = /^(log|base)-(\d{16})\.sf(log|base)(\.tmp)?$/

/** The files of a checkpoint folder by the epoch in their names, ascending. */
export interface CheckpointFiles {
  readonly logs: readonly number[]
  readonly bases: readonly number[]
  /** Names of files that were being written. */
  readonly unfinished: readonly string[]
}

/** A snapshot with the logs that belong to it; `base` undefined is the empty beginning. */
export interface CheckpointChain {
  readonly base: number | undefined
  readonly logs: readonly number[]
}

/** Lists a folder; empty when there is none. */
export async function listCheckpointFiles(fileSystem: FileSystem, folder: string): Promise<CheckpointFiles> {
  const logs: number[] = []
  const bases: number[] = []
  const unfinished: string[] = []
  for (const name of await fileSystem.list(folder)) {
    const match = FILE.exec(name)
    if (match === null || match[1] !== match[3]) continue
    if (match[4] !== undefined) unfinished.push(name)
    else (match[1] === 'log' ? logs : bases).push(Number(match[2]))
  }
  return { logs: logs.sort((a, b) => a - b), bases: bases.sort((a, b) => a - b), unfinished }
}

export function checkpointFile(folder: string, kind: 'log' | 'base', epoch: number): string {
  return join(folder, `${kind}-${String(epoch).padStart(16, '0')}.sf${kind}`)
}

/** Where the snapshots begin, ascending; the empty beginning counts while its log is there. */
export function snapshotEpochs({ logs, bases }: CheckpointFiles): readonly number[] {
  return logs[0] === 1 && bases[0] !== 1 ? [1, ...bases] : bases
}

/**
 * The snapshot that begins at `first`, the newest one by default, with the logs since.
 *
 * @throws StatefunError `SF_CHECKPOINT_CORRUPT` when a file that must be there is missing
 */
export function chainOf(files: CheckpointFiles, folder: string, first?: number): CheckpointChain {
  const from = first ?? files.bases.at(-1) ?? 1
  const base = files.bases.includes(from) ? from : undefined
  const logs = files.logs.filter((log) => log >= from)
  if (logs[0] !== from && (base !== undefined || logs.length > 0)) {
    const path = checkpointFile(folder, 'log', from)
    throw corruptFile(path, 0, base === undefined ? 'the beginning of the change log is missing' : NO_LOG)
  }
  return { base, logs }
}

const NO_LOG = 'the change log that belongs to the newest snapshot is missing'

/** A place in a file, for messages. */
export function place(path: string, offset: number): string {
  return `${path} at byte ${offset}`
}

/** Damage that is no torn tail. */
export function corruptFile(path: string, offset: number, what: string): StatefunError {
  return new StatefunError('SF_CHECKPOINT_CORRUPT', `the checkpoint is damaged: ${what}`, {
    where: place(path, offset),
    hint:
      'restore the folder from a copy. An older snapshot with all logs since holds the same state as a damaged newer one, and is ' +
      'used when that is moved away ("statefun checkpoint verify"). To give up the state and begin anew, move the folder away',
  })
}
