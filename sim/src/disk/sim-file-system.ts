import { StatefunError } from '@statefun/protocol'
import type { FileSystem, OpenFile } from '../../../packages/engine/src/checkpoint/file-system.ts'
import type { SimProcess } from '../process.ts'
import type { Random } from '../random.ts'
import type { Inode } from './inode.ts'
import { systemError } from './sim-disk.ts'

/** The disk of its machine, as one process uses it. */
export class SimFileSystem implements FileSystem {
  readonly #process: SimProcess
  readonly #random: Random

  constructor(process: SimProcess, random: Random) {
    this.#process = process
    this.#random = random
  }

  makeFolder(path: string): Promise<void> {
    return this.#ask(`makeFolder ${path}`, (disk) => disk.makeFolder(path))
  }

  list(path: string): Promise<string[]> {
    return this.#ask(`list ${path}`, (disk) => {
      disk.mayWork()
      const names = disk.list(path)
      // In no order: the engine must not rely on one.
      for (let i = names.length - 1; i > 0; i--) {
        const j = this.#random.below(i + 1)
        ;[names[i], names[j]] = [names[j]!, names[i]!]
      }
      return names
    })
  }

  open(path: string, how: 'read' | 'create' | 'change'): Promise<OpenFile> {
    return this.#ask(`open ${path} ${how}`, (disk) => {
      if (how === 'create') disk.mayWrite()
      const inode = how === 'create' ? disk.create(path) : disk.find(path)
      if (inode === undefined) throw systemError('ENOENT', `no such file or directory, open '${path}'`)
      return this.#openFile(path, inode)
    })
  }

  rename(from: string, to: string): Promise<void> {
    return this.#ask(`rename ${from} ${to}`, (disk) => {
      disk.mayWork()
      disk.rename(from, to)
    })
  }

  remove(path: string): Promise<void> {
    return this.#ask(`remove ${path}`, (disk) => disk.remove(path))
  }

  syncFolder(path: string): Promise<void> {
    return this.#ask(`syncFolder ${path}`, (disk) => {
      disk.mayWork()
      disk.syncFolder(path)
    })
  }

  async lock(path: string): Promise<() => Promise<void>> {
    const locked = await this.#ask(`lock ${path}`, (disk) => disk.lock(path, this.#process))
    if (!locked) throw new StatefunError('SF_CHECKPOINT_LOCKED', 'another engine has it', { where: path })
    return () => this.#ask(`unlock ${path}`, (disk) => disk.unlock(path, this.#process))
  }

  #openFile(path: string, inode: Inode): OpenFile {
    return {
      read: (into, position) =>
        this.#ask(`read ${path} ${position}`, (disk) => {
          disk.mayWork()
          return inode.read(into, position)
        }),
      append: (parts) => {
        const bytes = Buffer.concat(parts)
        const applyPartly = () => inode.append(bytes.subarray(0, this.#random.below(bytes.length + 1)))
        return this.#ask(
          `append ${path} ${bytes.length}`,
          (disk) => {
            try {
              disk.mayWrite()
            } catch (error) {
              applyPartly()
              throw error
            }
            inode.append(bytes)
          },
          applyPartly,
        )
      },
      truncate: (bytes) => this.#ask(`truncate ${path} ${bytes}`, () => inode.truncate(bytes)),
      sync: () =>
        this.#ask(`sync ${path}`, (disk) => {
          disk.mayWork()
          inode.sync()
        }),
      size: () => this.#ask(`size ${path}`, () => inode.size),
      close: () => this.#ask(`close ${path}`, () => undefined),
    }
  }

  #ask<T>(
    what: string,
    apply: (disk: SimProcess['machine']['disk']) => T,
    applyPartly?: () => void,
  ): Promise<T> {
    const { disk } = this.#process.machine
    return this.#process.ask({
      what,
      before: disk.delay(),
      after: disk.delay(),
      reach: 'local',
      apply: () => apply(disk),
      ...(applyPartly === undefined ? {} : { applyPartly }),
    })
  }
}
