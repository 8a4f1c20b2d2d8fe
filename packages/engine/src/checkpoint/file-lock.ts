import { readFile, rm, writeFile } from 'node:fs/promises'
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

/**
 * Keeps a second engine out of a folder. The lock of a process that is gone, or whose number another process has since
 * been given, does not count.
 *
 * @returns releases the lock
 * @throws StatefunError `SF_CHECKPOINT_LOCKED`
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock')
  const mine = JSON.stringify({ pid: process.pid, started: await startTime(process.pid) })
  for (let attempt = 0; ; attempt++) {
    try {
      await writeFile(path, mine, { flag: 'wx' })
      return () => rm(path, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = parse(await readFile(path, 'utf8').catch(() => ''))
    const held =
      holder !== undefined &&
      isAlive(holder.pid) &&
      (holder.started === '' || holder.started === (await startTime(holder.pid)))
    if (held || attempt === 3) {
      throw new StatefunError(
        'SF_CHECKPOINT_LOCKED',
        `another engine (process ${holder?.pid}) works with this checkpoint folder`,
        {
          where: folder,
          hint: 'stop it first, or give this app a folder of its own (checkpoint.dir)',
        },
      )
    }
    await rm(path, { force: true })
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
