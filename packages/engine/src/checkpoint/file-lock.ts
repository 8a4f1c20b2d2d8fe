import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StatefunError } from '@statefun/protocol'

/** When a process began, in clock ticks since boot; empty where the system does not tell. */
async function startTime(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Rounds after which a lock that changes hands all the time counts as held. */
const ROUNDS = 10

/**
 * Keeps a second engine out of a folder. The lock of a process that is gone, or whose number another process has since
 * been given, does not count.
 *
 * A lock appears whole: it is written under another name first. A stale one is replaced by whoever has claimed that, and
 * only while it still is the stale one, so that of two that find it neither removes the lock of the other.
 *
 * @returns releases the lock
 * @throws StatefunError `SF_CHECKPOINT_LOCKED`; `SF_CHECKPOINT_WRITE` for a folder that this process may not write to
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock')
  const claim = join(folder, 'lock-claim')
  const nonce = randomUUID()
  const draft = join(folder, `lock-${nonce}.tmp`)
  const mine = JSON.stringify({ pid: process.pid, started: await startTime(process.pid), nonce })
  const release = async () => {
    if ((await contentOf(path)) === mine) await rm(path, { force: true })
  }
  await writeFile(draft, mine).catch((cause: NodeJS.ErrnoException) => {
    throw cannotWrite(folder, cause)
  })
  try {
    for (let round = 0; round < ROUNDS; round++) {
      if (await linked(draft, path)) return release
      const found = await contentOf(path)
      if (found === undefined) continue
      await mustBeStale(found, folder)
      if (!(await linked(draft, claim))) {
        const claimed = await contentOf(claim)
        if (claimed === undefined) continue
        await mustBeStale(claimed, folder)
        await rm(claim, { force: true })
        continue
      }
      try {
        if ((await contentOf(path)) !== found) continue
        await rename(draft, path)
        return release
      } finally {
        await rm(claim, { force: true })
      }
    }
    throw locked(folder, undefined)
  } finally {
    await rm(draft, { force: true })
  }
}

function cannotWrite(folder: string, cause: NodeJS.ErrnoException): unknown {
  if (!['EACCES', 'EPERM', 'EROFS'].includes(cause.code ?? '')) return cause
  return new StatefunError('SF_CHECKPOINT_WRITE', `the checkpoint cannot be written: ${cause.message}`, {
    where: folder,
    hint: 'let the user that runs this write to the folder, or name another place: checkpoint.place, --checkpoint-place',
    cause,
  })
}

/** @throws StatefunError when the process that wrote this is alive */
async function mustBeStale(content: string, folder: string): Promise<void> {
  const holder = parse(content)
  if (holder === undefined || !isAlive(holder.pid)) return
  if (holder.started !== '' && holder.started !== (await startTime(holder.pid))) return
  throw locked(folder, holder.pid)
}

function locked(folder: string, pid: number | undefined): StatefunError {
  const who = pid === undefined ? 'another engine' : `another engine (process ${pid})`
  return new StatefunError('SF_CHECKPOINT_LOCKED', `${who} works with this checkpoint folder`, {
    where: folder,
    hint: 'stop it first, or give this app a folder of its own (checkpoint.place)',
  })
}

/** Undefined when there is no such file. */
async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}

/** Gives a file a second name; false when there is a file of that name. */
async function linked(file: string, name: string): Promise<boolean> {
  try {
    await link(file, name)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

function parse(text: string): { pid: number; started: string } | undefined {
  try {
    const { pid, started } = JSON.parse(text) as { pid: unknown; started: unknown }
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined
  } catch {
    return undefined
  }
}
