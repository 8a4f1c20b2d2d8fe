import type { ScratchFile, ScratchFolder } from '../scratch-folder.ts'

/** Files in memory. */
export class MemoryScratchFolder implements ScratchFolder {
  readonly files = new Map<string, MemoryScratchFile>()
  /** Called before each asynchronous read and write; a test can delay it or make it fail. */
  before: (what: 'read' | 'append') => Promise<void> = async () => undefined

  async open(): Promise<void> {
    this.files.clear()
  }

  create(name: string): ScratchFile {
    const file = new MemoryScratchFile(this, name)
    this.files.set(name, file)
    return file
  }

  async close(): Promise<void> {
    this.files.clear()
  }
}

class MemoryScratchFile implements ScratchFile {
  readonly #folder: MemoryScratchFolder
  readonly #name: string
  bytes = Buffer.alloc(0)

  constructor(folder: MemoryScratchFolder, name: string) {
    this.#folder = folder
    this.#name = name
  }

  readNow(into: Uint8Array, bytes: number, position: number): void {
    if (this.#folder.files.get(this.#name) !== this) throw new Error(`${this.#name} was removed`)
    if (position + bytes > this.bytes.length) throw new Error(`${this.#name} is too short`)
    into.set(this.bytes.subarray(position, position + bytes))
  }

  async read(into: Uint8Array, position: number): Promise<void> {
    await this.#folder.before('read')
    this.readNow(into, into.length, position)
  }

  async append(bytes: Uint8Array): Promise<void> {
    const copy = Buffer.from(bytes)
    await this.#folder.before('append')
    this.bytes = Buffer.concat([this.bytes, copy])
  }

  remove(): void {
    this.#folder.files.delete(this.#name)
  }
}
