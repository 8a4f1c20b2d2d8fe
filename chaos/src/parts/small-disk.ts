import { execFile } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { StatefunError } from '@statefun/protocol'

const run = promisify(execFile)

/** A place for checkpoints that can be full. */
export interface SmallDisk {
  /** Where the checkpoints go. */
  readonly folder: string
  /** How it is done, in words for the report. */
  readonly way: string
  /** From now on nothing can be written; also not what would fit where something is deleted. */
  fill(): Promise<void>
  /** There is room again. */
  free(): Promise<void>
  close(): Promise<void>
}

const SIZE_MB = 64
const CHUNK = Buffer.alloc(1024 * 1024)
const PAGE = CHUNK.subarray(0, 4096)
const TOP_UP_MS = 10

/**
 * A file system of its own in memory where this process may mount one, otherwise a limit on what the engine's process may
 * write.
 *
 * @param enginePid of the process that writes the checkpoints, whichever it is by now
 * @throws StatefunError `SF_CHAOS_NO_SMALL_DISK` when the system offers neither
 */
export async function openSmallDisk(folder: string, enginePid: () => number | undefined): Promise<SmallDisk> {
  mkdirSync(folder, { recursive: true })
  const reasons: string[] = []
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'statefun-chaos', folder])
    return new MountedDisk(folder)
  } catch (error) {
    reasons.push(`mount: ${firstLine(error)}`)
  }
  try {
    await run('prlimit', ['--pid', String(process.pid), '--fsize'])
    return new LimitedDisk(folder, enginePid)
  } catch (error) {
    reasons.push(`prlimit: ${firstLine(error)}`)
  }
  throw new StatefunError('SF_CHAOS_NO_SMALL_DISK', 'a full disk cannot be made here', {
    excerpt: reasons.join('\n'),
    hint: 'run it on Linux, as root (mounts a tmpfs) or with prlimit of util-linux installed',
  })
}

class MountedDisk implements SmallDisk {
  readonly way = `tmpfs of ${SIZE_MB} MiB`
  readonly folder: string
  readonly #root: string
  #filling: Promise<void> | undefined
  #full = false

  constructor(root: string) {
    this.#root = root
    this.folder = join(root, 'checkpoints')
  }

  async fill(): Promise<void> {
    const file = await open(this.#filler, 'a')
    await writeUntilFull(file, CHUNK)
    await writeUntilFull(file, PAGE)
    this.#full = true
    this.#filling = this.#keepFull(file)
  }

  async free(): Promise<void> {
    this.#full = false
    await this.#filling
    rmSync(this.#filler, { force: true })
  }

  async close(): Promise<void> {
    await this.free()
    await run('umount', [this.#root])
  }

  /** The engine deletes what it no longer needs: that room is not for it. */
  async #keepFull(file: FileHandle): Promise<void> {
    while (this.#full) {
      await writeUntilFull(file, PAGE)
      await sleep(TOP_UP_MS)
    }
    await file.close()
  }

  get #filler(): string {
    return join(this.#root, 'filler')
  }
}

class LimitedDisk implements SmallDisk {
  readonly way = 'prlimit --fsize on the engine'
  readonly folder: string
  readonly #enginePid: () => number | undefined
  #limiting: Promise<void> | undefined
  #full = false

  constructor(folder: string, enginePid: () => number | undefined) {
    this.folder = join(folder, 'checkpoints')
    this.#enginePid = enginePid
  }

  async fill(): Promise<void> {
    await this.#limit('0:')
    this.#full = true
    this.#limiting = this.#limitNewOnes()
  }

  async free(): Promise<void> {
    this.#full = false
    await this.#limiting
    await this.#limit('unlimited:')
  }

  async close(): Promise<void> {
    this.#full = false
    await this.#limiting
  }

  async #limitNewOnes(): Promise<void> {
    while (this.#full) {
      await sleep(TOP_UP_MS)
      await this.#limit('0:')
    }
  }

  /** A process that has ended meanwhile needs no limit. */
  async #limit(soft: string): Promise<void> {
    const pid = this.#enginePid()
    if (pid !== undefined)
      await run('prlimit', ['--pid', String(pid), `--fsize=${soft}`]).catch(() => undefined)
  }
}

async function writeUntilFull(file: FileHandle, chunk: Uint8Array): Promise<void> {
  try {
    for (;;) {
      const { bytesWritten } = await file.write(chunk)
      if (bytesWritten < chunk.length) return
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}

function firstLine(error: unknown): string {
  const { stderr = '', message } = error as { stderr?: string; message: string }
  return (stderr.trim() || message).split('\n')[0] ?? ''
}
