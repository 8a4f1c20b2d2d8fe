import type { SimProcess } from '../process.ts'
import type { Random } from '../random.ts'
import { Inode } from './inode.ts'

/** How the disk is doing. */
export type DiskMode = 'well' | 'full' | 'failing'

interface Folder {
  readonly names: Map<string, Inode>
  /** The names that are on the platter, and what happened to them since, in order. */
  durable: Map<string, Inode>
  changes: ((names: Map<string, Inode>) => void)[]
}

/** A disk that keeps what was synced, and of everything else what it likes. */
export class SimDisk {
  readonly #random: Random
  readonly #folders = new Map<string, Folder>()
  readonly #locks = new Map<string, SimProcess>()
  mode: DiskMode = 'well'
  /** Mean milliseconds of a request. */
  latency = 0.05

  constructor(random: Random) {
    this.#random = random
  }

  /** How long the next request takes. */
  delay(): number {
    return this.#random.delay(this.latency)
  }

  /** @throws Error with Node's `code` while the disk refuses this */
  mayWrite(): void {
    if (this.mode === 'full') throw systemError('ENOSPC', 'no space left on device')
    this.mayWork()
  }

  /** @throws Error with Node's `code` while the disk refuses this */
  mayWork(): void {
    if (this.mode === 'failing' && this.#random.chance(0.5)) throw systemError('EIO', 'i/o error')
  }

  makeFolder(path: string): void {
    if (!this.#folders.has(path))
      this.#folders.set(path, { names: new Map(), durable: new Map(), changes: [] })
  }

  list(path: string): string[] {
    return [...(this.#folders.get(path)?.names.keys() ?? [])]
  }

  find(path: string): Inode | undefined {
    const [folder, name] = this.#split(path)
    return folder?.names.get(name)
  }

  create(path: string): Inode {
    const inode = this.find(path) ?? new Inode()
    inode.truncate(0)
    this.#change(path, (names, name) => names.set(name, inode))
    return inode
  }

  remove(path: string): void {
    if (this.find(path) !== undefined) this.#change(path, (names, name) => names.delete(name))
  }

  rename(from: string, to: string): void {
    const inode = this.find(from)
    if (inode === undefined) throw systemError('ENOENT', `no such file or directory, rename '${from}'`)
    const target = this.#split(to)[1]
    this.#change(from, (names, name) => {
      names.delete(name)
      names.set(target, inode)
    })
  }

  syncFolder(path: string): void {
    const folder = this.#folders.get(path)
    if (folder === undefined) throw systemError('ENOENT', `no such file or directory, open '${path}'`)
    folder.durable = new Map(folder.names)
    folder.changes = []
  }

  /** True when `process` has the folder to itself now. */
  lock(path: string, process: SimProcess): boolean {
    const holder = this.#locks.get(path)
    if (holder?.alive === true && holder !== process) return false
    this.#locks.set(path, process)
    return true
  }

  unlock(path: string, process: SimProcess): void {
    if (this.#locks.get(path) === process) this.#locks.delete(path)
  }

  /** Power is gone, and back: names of files are as they were at some moment since their folder was synced. */
  losePower(): void {
    this.#locks.clear()
    for (const folder of this.#folders.values()) {
      const inodes = new Set([...folder.durable.values(), ...folder.names.values()])
      const names = new Map(folder.durable)
      for (const change of folder.changes.slice(0, this.#random.below(folder.changes.length + 1)))
        change(names)
      folder.names.clear()
      for (const [name, inode] of names) folder.names.set(name, inode)
      folder.durable = names
      folder.changes = []
      for (const inode of inodes) inode.losePower(this.#random)
    }
  }

  #change(path: string, change: (names: Map<string, Inode>, name: string) => void): void {
    const [folder, name] = this.#split(path)
    if (folder === undefined) throw systemError('ENOENT', `no such file or directory, open '${path}'`)
    const bound = (names: Map<string, Inode>) => change(names, name)
    bound(folder.names)
    folder.changes.push(bound)
  }

  #split(path: string): [folder: Folder | undefined, name: string] {
    const slash = path.lastIndexOf('/')
    return [this.#folders.get(path.slice(0, slash)), path.slice(slash + 1)]
  }
}

/** An error as Node's file system rejects with. */
export function systemError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code })
}
