import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { lockFolder } from './file-lock.ts'
import type { FileSystem, OpenFile } from './file-system.ts'

const FLAGS = { read: 'r', create: 'w', change: 'r+' } as const

/** The machine's file system. */
export const nodeFileSystem: FileSystem = {
  async makeFolder(path) {
    const first = await mkdir(path, { recursive: true })
    if (first === undefined) return
    // A folder is only there after a crash when the one above it was synced.
    for (let made = path; ; made = dirname(made)) {
      await syncFolder(dirname(made))
      if (made === first || made === dirname(made)) return
    }
  },
  async list(path) {
    try {
      return await readdir(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return []
    }
  },
  async open(path, how) {
    const handle = await open(path, FLAGS[how])
    try {
      return new NodeFile(handle, how === 'change' ? (await handle.stat()).size : 0)
    } catch (error) {
      await handle.close()
      throw error
    }
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  syncFolder,
  lock: lockFolder,
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

class NodeFile implements OpenFile {
  readonly #handle: FileHandle
  #end: number
  /** `fdatasync` suffices for what is appended, not for a file that is new or was cut. */
  #syncsAll = true

  constructor(handle: FileHandle, end: number) {
    this.#handle = handle
    this.#end = end
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    return (await this.#handle.read(into, 0, into.length, position)).bytesRead
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    const total = parts.reduce((sum, part) => sum + part.length, 0)
    const { bytesWritten } = await this.#handle.writev(parts as Uint8Array[], this.#end)
    if (bytesWritten < total) {
      // A short write: what is left goes out piece by piece.
      const rest = Buffer.concat(parts).subarray(bytesWritten)
      for (let at = 0; at < rest.length; ) {
        at += (await this.#handle.write(rest, at, rest.length - at, this.#end + bytesWritten + at))
          .bytesWritten
      }
    }
    this.#end += total
  }

  async truncate(bytes: number): Promise<void> {
    await this.#handle.truncate(bytes)
    this.#end = bytes
    this.#syncsAll = true
  }

  async sync(): Promise<void> {
    if (this.#syncsAll) await this.#handle.sync()
    else await this.#handle.datasync()
    this.#syncsAll = false
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}
