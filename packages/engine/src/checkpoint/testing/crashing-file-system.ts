import { dirname } from 'node:path'
import type { FileSystem, OpenFile } from '../file-system.ts'

/** A file's content: what survives a crash for sure, and what was written since. */
interface Content {
  durable: Buffer
  now: Buffer
}

/** Numbers from 0 up to, not including, 1. */
export type Random = () => number

/**
 * A file system in memory that keeps what a real one promises, and no more: at a {@link crash}, of everything that was not
 * synced some is kept and some is lost, bytes of an append in pieces, and names whether or not their files were synced.
 */
export class CrashingFileSystem implements FileSystem {
  /** Asked before each operation; what it throws the operation rejects with, an append having written a part. */
  before: (operation: string, path: string) => void = () => undefined
  operations = 0
  #names = new Map<string, Content>()
  #durableNames = new Map<string, Content>()
  readonly #random: Random
  #locked = false
  /** Files of before a crash can do nothing any more. */
  #era = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** The machine loses power; what runs on it never hears from its files again. */
  crash(): void {
    this.#era++
    this.#locked = false
    for (const name of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
      if (this.#names.get(name) === this.#durableNames.get(name)) continue
      const kept = this.#random() < 0.5 ? this.#names.get(name) : this.#durableNames.get(name)
      if (kept === undefined) this.#durableNames.delete(name)
      else this.#durableNames.set(name, kept)
    }
    this.#names = new Map()
    for (const [name, content] of this.#durableNames) {
      const torn = this.#torn(content)
      const kept = { durable: torn, now: torn }
      this.#names.set(name, kept)
      this.#durableNames.set(name, kept)
    }
  }

  /** The process dies: nothing that was written is lost, and nothing of it became durable. */
  kill(): void {
    this.#era++
    this.#locked = false
  }

  async makeFolder(): Promise<void> {}

  async list(path: string): Promise<string[]> {
    await this.#step('list', path)
    return [...this.#names.keys()]
      .filter((name) => dirname(name) === path)
      .map((name) => name.slice(path.length + 1))
  }

  async open(path: string, how: 'read' | 'create' | 'change'): Promise<OpenFile> {
    await this.#step(`open ${how}`, path)
    let content = this.#names.get(path)
    if (how === 'create') {
      if (content === undefined) {
        content = { durable: Buffer.alloc(0), now: Buffer.alloc(0) }
        this.#names.set(path, content)
      } else content.now = Buffer.alloc(0)
    }
    if (content === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
    return this.#file(path, content)
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#step('rename', from)
    const content = this.#names.get(from)!
    this.#names.delete(from)
    this.#names.set(to, content)
  }

  async remove(path: string): Promise<void> {
    await this.#step('remove', path)
    this.#names.delete(path)
  }

  async syncFolder(path: string): Promise<void> {
    await this.#step('syncFolder', path)
    this.#durableNames = new Map(this.#names)
  }

  async lock(path: string): Promise<() => Promise<void>> {
    await this.#step('lock', path)
    if (this.#locked) throw new Error('locked')
    this.#locked = true
    return async () => {
      this.#locked = false
    }
  }

  #file(path: string, content: Content): OpenFile {
    return {
      read: async (into, position) => {
        await this.#step('read', path)
        return content.now.copy(into, 0, position)
      },
      append: async (parts) => {
        const all = Buffer.concat(parts)
        try {
          await this.#step('append', path)
        } catch (error) {
          content.now = Buffer.concat([content.now, all.subarray(0, Math.floor(this.#random() * all.length))])
          throw error
        }
        content.now = Buffer.concat([content.now, all])
      },
      truncate: async (bytes) => {
        await this.#step('truncate', path)
        content.now = content.now.subarray(0, bytes)
      },
      sync: async () => {
        await this.#step('sync', path)
        content.durable = content.now
      },
      size: async () => content.now.length,
      close: async () => undefined,
    }
  }

  async #step(operation: string, path: string): Promise<void> {
    const era = this.#era
    this.operations++
    await undefined
    this.before(operation, path)
    if (era === this.#era) return
    await new Promise(() => undefined)
  }

  /** Each piece of what is not durable is either there, or zeros, or beyond the end of the file. */
  #torn({ durable, now }: Content): Buffer {
    if (durable === now) return now
    let same = 0
    while (same < durable.length && same < now.length && durable[same] === now[same]) same++
    const kept = this.#random() < 0.3 ? durable : now
    const end =
      kept === durable ? durable.length : same + Math.floor(this.#random() * (now.length - same + 1))
    const torn = Buffer.from(kept.subarray(0, end))
    // A hole where a block did not make it.
    if (kept === now && end > same && this.#random() < 0.5) {
      const from = same + Math.floor(this.#random() * (end - same))
      torn.fill(0, from, from + 1 + Math.floor(this.#random() * (end - from)))
    }
    return torn
  }
}
