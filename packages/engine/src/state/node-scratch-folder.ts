import { close, openSync, read, readSync, write } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ScratchFile, ScratchFolder } from './scratch-folder.ts'

const EXTENSION = '.sfspill'

/** A folder of a local file system. Other files in it are left alone. */
export class NodeScratchFolder implements ScratchFolder {
  readonly #path: string
  readonly #removals = new Set<Promise<void>>()

  constructor(path: string) {
    this.#path = path
  }

  async open(): Promise<void> {
    await mkdir(this.#path, { recursive: true })
    await this.#clear()
  }

  create(name: string): ScratchFile {
    const path = join(this.#path, `${name}${EXTENSION}`)
    return new NodeScratchFile(path, openSync(path, 'w+'), (removal) => {
      this.#removals.add(removal)
      void removal.then(() => this.#removals.delete(removal))
    })
  }

  async close(): Promise<void> {
    // One that came late would take a file of the next job, which has the same name.
    await Promise.all(this.#removals)
    await this.#clear()
  }

  async #clear(): Promise<void> {
    for (const name of await readdir(this.#path)) {
      if (name.endsWith(EXTENSION)) await rm(join(this.#path, name), { force: true })
    }
  }
}

class NodeScratchFile implements ScratchFile {
  readonly #path: string
  readonly #fd: number
  readonly #removing: (removal: Promise<void>) => void

  constructor(path: string, fd: number, removing: (removal: Promise<void>) => void) {
    this.#path = path
    this.#fd = fd
    this.#removing = removing
  }

  readNow(into: Uint8Array, bytes: number, position: number): void {
    let at = readSync(this.#fd, into, 0, bytes, position)
    while (at < bytes) {
      const more = readSync(this.#fd, into, at, bytes - at, position + at)
      if (more === 0) throw new Error(`${this.#path} ends at byte ${position + at}`)
      at += more
    }
  }

  read(into: Uint8Array, position: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = (at: number): void => {
        read(this.#fd, into, at, into.length - at, position + at, (error, bytes) => {
          if (error !== null) reject(error)
          else if (at + bytes === into.length) resolve()
          else if (bytes === 0) reject(new Error(`${this.#path} ends at byte ${position + at}`))
          else step(at + bytes)
        })
      }
      step(0)
    })
  }

  append(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = (from: number): void => {
        write(this.#fd, bytes, from, bytes.length - from, null, (error, written) => {
          if (error !== null) reject(error)
          else if (from + written === bytes.length) resolve()
          else step(from + written)
        })
      }
      step(0)
    })
  }

  remove(): void {
    this.#removing(
      new Promise((resolve) => {
        // Giving back the pages of a large file takes longer than a turn may. What fails is removed with the folder's rest.
        close(this.#fd, () => resolve(rm(this.#path, { force: true }).catch(() => undefined)))
      }),
    )
  }
}
